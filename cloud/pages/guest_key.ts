/**
 * The key by which a browser owns its designs and orders: 256 random bits, made here and shown to nobody but the cloud.
 *
 * Counterpart: `cloud/shop/designs/guest_key.py`, which keeps a digest of it.
 */
import { keep, recall } from "@holdfast/pages";

const NAME = "shop.key";
const BYTES = 32;

/** This browser's key, made at the first use. */
export function guestKey(): string {
  const known = recall<string>(NAME);
  if (typeof known === "string" && known.length >= BYTES) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  const key = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  keep(NAME, key);
  return key;
}
