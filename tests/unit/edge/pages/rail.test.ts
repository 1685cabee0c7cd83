/** The kitchen's rail: what hangs where, how old it looks, and what may be recalled. */
import { describe, expect, test } from "vitest";
import { ageOf, allDay, hung, isFresh, keyOf, rehung, sorted, stepsFrom, type Rail } from "../../../../edge/pages/kitchen/rail";
import type { KitchenTicket } from "@holdfast/protocol";
import { ticket } from "./samples";

const EMPTY: Rail = new Map();
const names = (tickets: { ticket: string }[]): string[] => tickets.map((each) => each.ticket);

test("tickets hang in the order in which they were fired, the ready ones apart, the done ones latest first", () => {
  const all = [ticket("K-4", "served", 4), ticket("K-2", "ready", 2), ticket("K-3", "fired", 3), ticket("K-1", "preparing", 1), ticket("K-5", "rejected", 5)];
  const rail = all.reduce(hung, EMPTY);
  const { cooking, ready, done } = sorted(rail);
  expect([names(cooking), names(ready), names(done)]).toEqual([["K-1", "K-3"], ["K-2"], ["K-5", "K-4"]]);
});

describe("a snapshot", () => {
  test("replaces what is open and keeps what is done for a recall", () => {
    const rail = [ticket("K-1", "served", 1), ticket("K-2", "preparing", 2)].reduce(hung, EMPTY);
    const after = rehung(rail, [ticket("K-3", "fired", 3)]);
    expect([...after.keys()].sort()).toEqual(["K-1@kitchen", "K-3@kitchen"]);
  });

  test("brings a recalled ticket back from among the done", () => {
    const rail = hung(EMPTY, ticket("K-1", "served", 1));
    expect(names(sorted(rehung(rail, [ticket("K-1", "recalled", 1)])).cooking)).toEqual(["K-1"]);
  });
});

test("tickets of one name at two stations are two", () => {
  expect(keyOf({ ticket: "K-1", station: "grill" })).not.toBe(keyOf({ ticket: "K-1", station: "bar" }));
});

describe("courses that wait", () => {
  const held = (name: string, station: string, seq: number): KitchenTicket => ({
    ...ticket(name, "held", seq), order_id: "ORD-7-1", station, course: "main",
  });

  test("are apart from what is cooked, one for all stations", () => {
    const rail = [held("K-1.2", "grill", 2), held("K-1.2", "bar", 3), ticket("K-1", "fired", 1)].reduce(hung, EMPTY);
    const { cooking, coming } = sorted(rail);
    expect(names(cooking)).toEqual(["K-1"]);
    expect(coming.map(({ course, tickets }) => [course, tickets.length])).toEqual([["main", 2]]);
    expect(allDay(cooking)).toEqual([["Soup", 1]]);
  });

  test("ring when they are fired, not before, and once", () => {
    const waiting = held("K-1.2", "grill", 2);
    const fired = { ...waiting, state: "fired" as const };
    expect([isFresh(EMPTY, waiting), isFresh(hung(EMPTY, waiting), fired), isFresh(hung(EMPTY, fired), fired)]).toEqual([false, true, false]);
    expect(isFresh(EMPTY, ticket("K-1", "fired", 1))).toBe(true);
    expect(isFresh(EMPTY, ticket("K-1", "preparing", 1))).toBe(false);
  });
});

test("all-day counts add up the same dish over tickets", () => {
  expect(allDay([ticket("K-1", "accepted", 2), ticket("K-2", "fired", 3)])).toEqual([["Soup", 5]]);
  expect(allDay([{ ...ticket("K-1", "accepted", 2), done: [2] }, ticket("K-2", "fired", 3)])).toEqual([["Soup", 3]]);
});

test("every state but rejected leads somewhere, and nothing leads out of rejected", () => {
  expect(stepsFrom("rejected")).toEqual([]);
  for (const state of ["held", "fired", "received", "accepted", "preparing", "recalled", "ready", "served"] as const) {
    expect(stepsFrom(state).length).toBeGreaterThan(0);
  }
});

test.each([[0, "fresh"], [299, "fresh"], [300, "aging"], [599, "aging"], [600, "late"]] as const)("%i seconds is %s", (age_s, age) => {
  expect(ageOf(age_s)).toBe(age);
});
