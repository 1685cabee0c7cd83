/**
 * The cart's hash: what a guest looked at when they pressed 'order'.
 *
 * Lowercase hex SHA-256 over the canonical JSON (sorted keys, no spaces) of `[{"id","qty","version"}…]` sorted by id.
 * `crypto.subtle` does not exist on a plain-HTTP origin, which is what a venue's box is, so the digest is computed here.
 * Counterpart: `cart_hash` in `protocol/facts/cart.py`; both are held to `tests/vectors/cart_hash.json`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export interface HashedLine {
  id: number;
  qty: number;
  version: number;
}

export function cartHash(lines: Iterable<HashedLine>): string {
  const sorted = [...lines].sort((a, b) => a.id - b.id);
  const canonical = JSON.stringify(sorted.map(({ id, qty, version }) => ({ id, qty, version })));
  return bytesToHex(sha256(utf8ToBytes(canonical)));
}
