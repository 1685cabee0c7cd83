/** The pure parts of the staff page: how a table stands, what is broken, what is offered, what news change. */
import { describe, expect, it } from "vitest";
import type { PlaySession, StaffLink, StaffOrder, StaffTable, Station } from "@holdfast/protocol";
import { standingOf, worthOf } from "../../../../edge/pages/staff/floor/standing";
import type { BoxStatus } from "../../../../edge/pages/staff/house";
import { alarmsAfter, ordersAfter, stationsAfter, type Alarm } from "../../../../edge/pages/staff/news";
import { handedOver, tipsFor } from "../../../../edge/pages/staff/table/amounts";
import { troubleOf, type Signs } from "../../../../edge/pages/staff/trouble";

const TABLE: StaffTable = {
  code: "TABLE1", name: "T1", session_pid: "s1", status: "open", opened_at: null, members: [], pass_validated: true, cart_lines: 0,
  cart_minor: 0, cart_locked: false, orders: 0, total_minor: 0, paid_minor: 0, due_minor: 0, currency: "EUR", refused: 0,
};
const order = (status: string, session_pid = "s1"): StaffOrder =>
  ({ order_id: `ORD-${status}`, session_pid, table_name: "T1", ticket: "K-1", status, total_minor: 500, currency: "EUR", placed_at: "", held: [] });

describe("how a table stands", () => {
  it.each([
    ["free", { session_pid: null }, []],
    ["seated", {}, []],
    ["ordering", { cart_lines: 1 }, []],
    ["waiting", { cart_lines: 1, orders: 1 }, [order("preparing")]],
    ["ready", { orders: 2 }, [order("preparing"), order("ready")]],
    ["trouble", { orders: 2, refused: 1 }, [order("ready")]],
    ["to_pay", { total_minor: 500, due_minor: 500 }, [order("served")]],
    ["paid", { total_minor: 500, paid_minor: 500 }, [order("served")]],
    ["seated", {}, [order("ready", "another")]],
  ] as const)("%s", (standing, change, orders) => {
    expect(standingOf({ ...TABLE, ...change }, orders)).toBe(standing);
  });

  it("is worth what is owed before what is in the cart", () => {
    expect(worthOf({ ...TABLE, due_minor: 3, cart_minor: 4 })).toEqual({ words: "due", minor: 3 });
    expect(worthOf({ ...TABLE, cart_minor: 4 })).toEqual({ words: "in the cart", minor: 4 });
    expect(worthOf(TABLE)).toBeNull();
  });
});

const LINK: StaffLink = { link: "live", message: "", last_sync_ms: 60_000, unsynced: 3, mqtt: "ok", fault: "none" };
const STATUS: BoxStatus = {
  link: "live", link_message: "", last_sync_ms: 60_000, unsynced: 3, unsynced_value_minor: 1_250, currency: "EUR", clock_trusted: true,
  disk_free_bytes: 1, disk_used_percent: 1, storage: "ok", phones: 0, mqtt: "ok", devices: [],
};
const signs = (change: Partial<Signs>): Signs => ({ line: "live", heard_ms: 1, link: LINK, status: STATUS, now_ms: 120_000, skew_ms: 0, ...change });

describe("what is broken", () => {
  it("is nothing while all is well, or before anything was heard", () => {
    expect(troubleOf(signs({})).where).toBe("nowhere");
    expect(troubleOf(signs({ line: "waiting", heard_ms: null, link: null, status: null })).where).toBe("nowhere");
  });

  it("is told by place, the nearest one first", () => {
    const down = { ...LINK, link: "down" as const, fault: "internet" as const };
    expect(troubleOf(signs({ line: "waiting", link: down })).where).toBe("lan");
    expect(troubleOf(signs({ status: { ...STATUS, storage: "disk full" }, link: down })).where).toBe("box");
    expect(troubleOf(signs({ link: { ...down, mqtt: "not connected" } })).where).toBe("kitchen");
    expect(troubleOf(signs({ link: down })).where).toBe("internet");
    expect(troubleOf(signs({ link: { ...down, fault: "cloud" } })).where).toBe("cloud");
  });

  it("says what works, what waits and since when", () => {
    const told = troubleOf(signs({ link: { ...LINK, link: "down", fault: "internet" } }));
    expect(told.title).toBe("The internet is gone.");
    expect(told.works).toContain("cash and play time work");
    expect(told.more).toContain("3 entries");
    expect(told.more).toMatch(/12\.50/);
    expect(told.more).toContain("last synced 1 min ago");
  });

  it("does not scare anybody while the box catches up", () => {
    expect(troubleOf(signs({ link: { ...LINK, link: "catching_up" } }))).toMatchObject({ tone: "calm", works: "Everything works." });
  });
});

describe("sums at a tap", () => {
  it("offers exactly what is due, full amounts and notes, never less", () => {
    expect(handedOver(743)).toEqual([743, 1_000, 2_000, 5_000, 10_000]);
    expect(handedOver(5_000)).toEqual([5_000, 10_000, 20_000]);
    expect(handedOver(1_220)).toEqual([1_220, 1_500, 2_000, 5_000, 10_000]);
  });

  it("offers tips in whole tens of cents", () => {
    expect(tipsFor(1_220)).toEqual([60, 120, 180]);
    expect(tipsFor(0)).toEqual([]);
  });
});

describe("news", () => {
  const alarm = (key: string, seen_by = ""): Alarm => ({ key, code: "printer_stopped", message: "", since_ms: 1, detail: {}, seen_by, seen_ms: null });

  it("puts alarms up, renews them in their place and takes them down", () => {
    const up = alarmsAfter(alarmsAfter([], { type: "alarm", up: true, ...alarm("a") }), { type: "alarm", up: true, ...alarm("b") });
    expect(up.map((each) => each.key)).toEqual(["a", "b"]);
    const seen = alarmsAfter(up, { type: "alarm", up: true, ...alarm("a", "Ann") });
    expect(seen.map((each) => [each.key, each.seen_by])).toEqual([["a", "Ann"], ["b", ""]]);
    expect(alarmsAfter(seen, { type: "alarm", up: false, ...alarm("a") }).map((each) => each.key)).toEqual(["b"]);
  });

  it("forgets orders that are served, unless a course of theirs waits", () => {
    const known = ordersAfter(new Map(), order("ready"));
    const held = [{ course: "Mains", ticket: "K-2", dishes: 1 }];
    expect([...ordersAfter(known, { ...order("ready"), status: "served" })]).toEqual([]);
    expect(ordersAfter(known, { ...order("ready"), status: "served", held }).size).toBe(1);
    expect(ordersAfter(known, order("failed")).size).toBe(2);
  });

  it("moves a session to the station where it goes on, and ends it", () => {
    const session = { id: "p1", station_id: "pc-1", status: "ACTIVE" } as PlaySession;
    const stations = ["pc-1", "pc-2"].map((id) => ({ id, session: null }) as unknown as Station);
    const begun = stationsAfter(stations, { type: "session:started", session_id: "p1", session });
    expect(begun.map((each) => each.session?.id ?? null)).toEqual(["p1", null]);
    const moved = stationsAfter(begun, { type: "session:changed", session_id: "p1", session: { ...session, station_id: "pc-2" } });
    expect(moved.map((each) => each.session?.id ?? null)).toEqual([null, "p1"]);
    const over = stationsAfter(moved, { type: "session:expired", session_id: "p1", session: { ...session, station_id: "pc-2", status: "EXPIRED" } });
    expect(over.map((each) => each.session)).toEqual([null, null]);
  });
});
