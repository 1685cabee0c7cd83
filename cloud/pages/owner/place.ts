/**
 * Where in the dashboard somebody is, as it stands behind the `#` of the address.
 *
 *     #venues   #venue/{venue_id}   #venue/{venue_id}/{tab}   #{section}   #{section}/{more}/{more}
 *
 * Rule of the file: pure but for the one signal; an address that is not understood is the first section. Addresses survive
 * a reload, work with the back button and may be sent to a colleague.
 */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Place {
  /** The first word: a section's key, or `venue`. */
  section: string;
  /** What follows, decoded: for `venue` its id and then the tab. */
  more: string[];
}

export const FIRST = "venues";

export function placeOf(hash: string): Place {
  const [section = "", ...more] = hash.replace(/^#/, "").split("/").map(decoded);
  return { section: section || FIRST, more };
}

/** `addressOf("venue", id, "devices")` → `#venue/…/devices`. */
export function addressOf(section: string, ...more: string[]): string {
  return `#${[section, ...more].map(encodeURIComponent).join("/")}`;
}

/** The place as it changes. */
export function watched(): ReadonlySignal<Place> {
  const place = signal(placeOf(location.hash));
  addEventListener("hashchange", () => (place.value = placeOf(location.hash)));
  return place;
}

/** Somebody may have typed the address: a lone `%` is then just a lone `%`. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
