/**
 * Where somebody is on the page: `#/floor/TABLE1/bill` is the tab `floor`, then what the tab makes of the rest.
 *
 * The address is the state: the back button works, a reload stays, and two people can talk about an address.
 */
import { signal } from "@preact/signals";

export interface Place {
  tab: string;
  rest: string[];
}

const HOME = "floor";

function read(): Place {
  const [tab = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  return { tab: tab || HOME, rest };
}

export const place = signal<Place>(read());

addEventListener("hashchange", () => (place.value = read()));

export const addressOf = (...steps: string[]): string => `#/${steps.map(encodeURIComponent).join("/")}`;

export function go(...steps: string[]): void {
  location.hash = addressOf(...steps);
}

/** Like `go`, but the back button does not come here again: for what is over. */
export function goInstead(...steps: string[]): void {
  location.replace(addressOf(...steps));
}
