/** What the owner's dashboard adds up, and in what order it shows it. */
import type { OwnerOrder, VenueRow } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { byHour, byUrgency, filed, summed, syncAge_s, waitingWords, warnings, type Venue } from "../../../../cloud/pages/owner/figures";

function venue(changes: Partial<VenueRow> & { heard_ms?: number } = {}): Venue {
  return {
    venue_id: "v", name: "A", link: "live", last_sync_age_s: 2, unsynced: 0, orders_today: 1, revenue_today_minor: 100,
    currency: "EUR", open_tables: 1, stations_in_use: 0, clock_trusted: true,
    quarantined: 0, trouble: null, epoch: 1, orphans: 0, orphans_value_minor: 0, unsynced_minor: 0, heard_age_s: 1, heard_ms: 0, ...changes,
  };
}

function order(order_id: string, placed_at: string, status = "confirmed"): OwnerOrder {
  return { order_id, table: "T1", status, total_minor: 100, currency: "EUR", placed_at, lines: [], tickets: [] };
}

test("what waits at a venue is told with its worth, and how old that word is", () => {
  expect(waitingWords(venue(), 0)).toBe("");
  expect(waitingWords(venue({ link: "catching_up", unsynced: 1, unsynced_minor: 0 }), 0)).toBe("1 entry");
  expect(waitingWords(venue({ link: "catching_up", unsynced: 120, unsynced_minor: 4_250 }), 0)).toBe("120 entries, orders worth €42.50");
  expect(waitingWords(venue({ link: "down", unsynced: 120, unsynced_minor: null, heard_age_s: 60 }), 60_000)).toBe("120 entries, as its box said 2 min ago; what came since is not known");
  expect(waitingWords(venue({ link: "down", unsynced: null, unsynced_minor: null, heard_age_s: 7_200 }), 0)).toBe("not known; nothing was when its box was heard of last, 2 h 0 min ago");
  expect(waitingWords(venue({ link: "down", unsynced: null, heard_age_s: null, last_sync_age_s: 9 }), 0)).toBe("not known");
});

test("money is added up by currency, never across", () => {
  const venues = [venue(), venue({ revenue_today_minor: 250 }), venue({ currency: "JPY", revenue_today_minor: 9000, link: "down", unsynced: 7 })];
  expect(summed(venues)).toEqual({ orders: 3, unsynced: 7, unsure: false, live: 2, revenue: [["JPY", 9000], ["EUR", 350]] });
});

test("an unknown number of waiting facts is never passed off as none", () => {
  expect(summed([venue(), venue({ unsynced: null, link: "down" })])).toMatchObject({ unsynced: 0, unsure: true });
  expect(summed([venue({ unsynced: null, last_sync_age_s: null, link: "down" })]).unsure).toBe(false);
});

test("what an owner should know is said, and nothing where all is well", () => {
  expect(warnings(venue())).toEqual([]);
  expect(warnings(venue({ trouble: "Another box took its place.", clock_trusted: false, quarantined: 2 }))).toHaveLength(3);
});

test("venues that need a look come first", () => {
  const venues = [venue({ name: "B" }), venue({ name: "A" }), venue({ name: "D", link: "down" }), venue({ name: "C", link: "catching_up" })];
  expect(byUrgency(venues).map((each) => each.name)).toEqual(["D", "C", "A", "B"]);
});

test("the age of the last sync goes on counting while nothing is heard, and a venue may never have synced", () => {
  expect(syncAge_s(venue({ last_sync_age_s: 10, heard_ms: 1_000 }), 31_000)).toBe(40);
  expect(syncAge_s(venue({ last_sync_age_s: 10, heard_ms: 5_000 }), 1_000)).toBe(10);
  expect(syncAge_s(venue({ last_sync_age_s: null }), 0)).toBeNull();
});

test("hours run on through midnight, empty ones included", () => {
  const at = (day: number, hour: number, minute: number): string => new Date(2026, 0, day, hour, minute).toISOString();
  const orders = [order("1", at(1, 22, 30)), order("2", at(1, 22, 59)), order("3", at(2, 0, 0)), order("4", at(2, 1, 10))];
  expect(byHour(orders, new Date(2026, 0, 2, 1, 20).getTime())).toEqual([
    { hour: 22, orders: 2 }, { hour: 23, orders: 0 }, { hour: 0, orders: 1 }, { hour: 1, orders: 1 },
  ]);
});

test("an order that is told again replaces itself, and the latest stands first", () => {
  const orders = [order("1", "2026-01-01T10:00:00Z"), order("2", "2026-01-01T11:00:00Z")].reduce(filed, []);
  const after = filed(orders, order("1", "2026-01-01T10:00:00Z", "failed"));
  expect(after.map(({ order_id, status }) => [order_id, status])).toEqual([["2", "confirmed"], ["1", "failed"]]);
});
