/** The dashboard hears the cloud in two ways, and people sign out in between: what is shown is the newest, and one's own. */
import type { OwnerAccount, OwnerOrder, VenueRow } from "@holdfast/protocol";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Fleet } from "../../../../cloud/pages/owner/fleet";
import { Wire, type Request } from "../../protocol/pages/wire";

let wire: Wire;
let Dashboard: typeof Fleet;

/** It looks at its address as soon as it is there; to make it ready takes long on a busy machine. */
beforeAll(async () => {
  wire = new Wire("http://cloud/owner");
  ({ Fleet: Dashboard } = await import("../../../../cloud/pages/owner/fleet"));
  wire.cut();
}, 120_000);
beforeEach(() => void (wire = new Wire("http://cloud/owner")));
afterEach(() => wire.cut());

const of = (part: string): Request[] => wire.of(part);
const venue = (orders_today: number, venue_id = "harbour"): VenueRow => ({ venue_id, name: venue_id, link: "live", orders_today }) as VenueRow;
const order = (order_id: string): OwnerOrder => ({
  order_id, placed_at: "2026-01-01T12:00:00Z", table: "T1", status: "confirmed", total_minor: 500, currency: "EUR", tickets: [], lines: [],
});

/** Signed in, with one venue whose orders were asked for. */
async function begun(): Promise<Fleet> {
  const fleet = new Dashboard();
  void fleet.resume();
  await of("/api/me")[0]!.answer({ email: "ana@example.com", csrf: "" } as OwnerAccount);
  return fleet;
}

const heard = (fleet: Fleet): number | undefined => fleet.venues.value?.get("harbour")?.orders_today;
const ids = (fleet: Fleet): string[] | undefined => fleet.orders.value?.map((each) => each.order_id);

test("a list of venues from before a venue told more does not take it back, and is asked for again", async () => {
  const fleet = await begun();
  wire.tell({ type: "venue", ...venue(5) });
  await of("/api/venues")[0]!.answer({ venues: [venue(3), venue(1, "hill")] });
  expect([heard(fleet), fleet.venues.value?.size]).toEqual([5, 2]);
  await of("/api/venues")[1]!.answer({ venues: [venue(6), venue(1, "hill")] });
  expect(heard(fleet)).toBe(6);
});

test("an order that came while the day's orders were asked for is among them", async () => {
  const fleet = await begun();
  await of("/api/venues")[0]!.answer({ venues: [venue(1)] });
  wire.tell({ type: "order", venue_id: "harbour", ...order("ORD-7-2") });
  await of("/orders?day=today")[0]!.answer({ orders: [order("ORD-7-1")] });
  expect(ids(fleet)?.sort()).toEqual(["ORD-7-1", "ORD-7-2"]);
  await of("/orders?day=today")[1]!.answer({ orders: [order("ORD-7-1"), order("ORD-7-2")] });
  expect([ids(fleet)?.length, of("/orders?day=today").length]).toEqual([2, 2]);
});

test("nothing of somebody who has signed out is shown, nor is the next one signed out by their answers", async () => {
  const fleet = await begun();
  void fleet.ask("GET", "/api/reports").catch(() => undefined);
  void fleet.signOut();
  await of("/api/logout")[0]!.answer({});
  void fleet.signIn("ben@example.com", "secret", "");
  await of("/api/login")[0]!.answer({});
  await of("/api/me")[1]!.answer({ email: "ben@example.com", csrf: "" } as OwnerAccount);
  await of("/api/venues")[0]!.answer({ venues: [venue(3)] });
  await of("/api/reports")[0]!.answer({ error: { code: "unauthenticated", message: "" } }, 401);
  expect([fleet.account.value?.email, fleet.venues.value]).toEqual(["ben@example.com", null]);
  await of("/api/venues")[1]!.answer({ venues: [venue(1, "hill")] });
  expect([...(fleet.venues.value?.keys() ?? [])]).toEqual(["hill"]);
});

test("nobody who has signed in is shown the door by an answer from before", async () => {
  const fleet = new Dashboard();
  void fleet.resume();
  void fleet.resume();
  const nobody = { error: { code: "unauthenticated", message: "" } };
  await of("/api/me")[0]!.answer(nobody, 401);
  expect(fleet.account.value).toBeNull();
  void fleet.signIn("ana@example.com", "secret", "");
  await of("/api/login")[0]!.answer({});
  await of("/api/me")[2]!.answer({ email: "ana@example.com", csrf: "" } as OwnerAccount);
  await of("/api/me")[1]!.answer(nobody, 401);
  expect(fleet.account.value?.email).toBe("ana@example.com");
});

test("it counts as unreachable until both lists have come", async () => {
  const fleet = await begun();
  await of("/api/venues")[0]!.answer({}, 503);
  expect(fleet.unreachable.value).toBe(true);
  await wire.pass(5_000);
  await of("/api/venues")[1]!.answer({ venues: [venue(1)] });
  expect(fleet.unreachable.value).toBe(true);
  await of("/orders?day=today")[0]!.answer({ orders: [] });
  expect(fleet.unreachable.value).toBe(false);
});
