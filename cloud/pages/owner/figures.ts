/**
 * What the dashboard adds up.
 *
 * Rule of the file: pure. Money of different currencies is never added together.
 */
import { formatMoney, type LinkState, type OwnerOrder, type VenueRow } from "@holdfast/protocol";
import { count, span, type Tone } from "@holdfast/pages";

/** A row with the moment at which it was heard, so that its age goes on counting. */
export interface Venue extends VenueRow {
  heard_ms: number;
}

export interface Summary {
  orders: number;
  unsynced: number;
  /** At least one venue's share of `unsynced` cannot be known. */
  unsure: boolean;
  live: number;
  revenue: [currency: string, minor: number][];
}

export function summed(venues: Venue[]): Summary {
  const revenue = new Map<string, number>();
  for (const venue of venues) revenue.set(venue.currency, (revenue.get(venue.currency) ?? 0) + venue.revenue_today_minor);
  return {
    orders: venues.reduce((sum, venue) => sum + venue.orders_today, 0),
    unsynced: venues.reduce((sum, venue) => sum + (venue.unsynced ?? 0), 0),
    unsure: venues.some(waitsUnseen),
    live: venues.filter((venue) => venue.link === "live").length,
    revenue: [...revenue].sort((a, b) => b[1] - a[1]),
  };
}

/** Seconds since the venue and the cloud last agreed; null when they never have. */
export function syncAge_s(venue: Venue, now_ms: number): number | null {
  if (venue.last_sync_age_s === null) return null;
  return venue.last_sync_age_s + Math.max(0, now_ms - venue.heard_ms) / 1_000;
}

/** Something may be waiting at the venue, and nobody can know how much. One that never synced has no box yet. */
export function waitsUnseen(venue: Venue): boolean {
  return venue.unsynced === null && venue.last_sync_age_s !== null;
}

/** What only the venue has, as far as its box has said, and how old that word is; empty where nothing waits. */
export function waitingWords(venue: Venue, now_ms: number): string {
  const heard_s = venue.heard_age_s === null ? null : venue.heard_age_s + Math.max(0, now_ms - venue.heard_ms) / 1_000;
  const ago = heard_s === null ? "" : ` ${span(heard_s)} ago`;
  if (waitsUnseen(venue)) return heard_s === null ? "not known" : `not known; nothing was when its box was heard of last,${ago}`;
  if (!venue.unsynced) return "";
  const worth = venue.unsynced_minor ? `, orders worth ${formatMoney(venue.unsynced_minor, venue.currency)}` : "";
  const then = venue.link === "down" ? `, as its box said${ago || " last"}; what came since is not known` : "";
  return `${count(venue.unsynced, "entry", "entries")}${worth}${then}`;
}

/** What else an owner should know about a venue; empty where all is well. */
export function warnings(venue: Venue): string[] {
  return [
    venue.trouble,
    venue.clock_trusted === false ? "The box does not know the time; its hours may be off." : null,
    venue.orphans > 0 ? `A replaced box left ${venue.orphans} facts; orders worth ${formatMoney(venue.orphans_value_minor, venue.currency)} are among them and count.` : null,
    venue.quarantined > 0 ? `Set aside for a look: ${venue.quarantined}.` : null,
  ].filter((words): words is string => words !== null);
}

const URGENCY: Readonly<Record<LinkState, number>> = { down: 0, catching_up: 1, live: 2 };

/** Those that need a look first, then by name. */
export function byUrgency(venues: Iterable<Venue>): Venue[] {
  return [...venues].sort((a, b) => URGENCY[a.link] - URGENCY[b.link] || a.name.localeCompare(b.name));
}

export const LINK_WORDS: Readonly<Record<LinkState, { words: string; tone: Tone; more: string }>> = {
  live: { words: "Live", tone: "good", more: "Everything at the venue is here, too." },
  catching_up: { words: "Catching up", tone: "warn", more: "The internet is back; what happened meanwhile is arriving." },
  down: { words: "Offline", tone: "bad", more: "The venue goes on serving; its figures arrive when the internet is back." },
};

export interface Hour {
  /** On the reader's clock, 0 to 23. */
  hour: number;
  orders: number;
}

const HOUR_MS = 3_600_000;
/** A business day may run past midnight, but not for more than a day. */
const MOST_HOURS = 24;

/** Orders hour by hour, from the first one to now, at most a day back. */
export function byHour(orders: OwnerOrder[], now_ms: number): Hour[] {
  const started = new Date(now_ms).setMinutes(0, 0, 0);
  const ages = orders.map((order) => Math.ceil((started - Date.parse(order.placed_at)) / HOUR_MS));
  const oldest = Math.min(MOST_HOURS - 1, Math.max(0, ...ages));
  return Array.from({ length: oldest + 1 }, (_, place) => ({
    hour: new Date(started - (oldest - place) * HOUR_MS).getHours(),
    orders: ages.filter((age) => Math.max(0, age) === oldest - place).length,
  }));
}

/** The order in its place: a newer telling replaces the older, the latest order comes first. */
export function filed(orders: OwnerOrder[], order: OwnerOrder): OwnerOrder[] {
  const others = orders.filter((each) => each.order_id !== order.order_id);
  return [...others, order].sort((a, b) => Date.parse(b.placed_at) - Date.parse(a.placed_at));
}
