/** What readings come to: nothing is added up from one that is too old, and nothing unknown is called well. */
import type { Thing } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { age_s, amiss, drawn_w, figuresOf, grouped, isStale, STALE_S, stateOf, watts } from "../../../../cloud/pages/owner/health/words";

const thing = (changes: Partial<Thing> = {}): Thing => ({
  thing: "plug:1", kind: "plug", name: "PS5", state: "well", figures: { power_w: 60 }, words: "", age_s: 10, since_s: 100, ...changes,
});

test("a reading ages while the page is open, and is stale in the end", () => {
  expect(age_s(thing(), 0, 5_000)).toBe(15);
  expect(isStale(thing(), 0, 5_000)).toBe(false);
  expect(isStale(thing(), 0, STALE_S * 1_000)).toBe(true);
  expect(age_s(thing(), 5_000, 0)).toBe(10);
});

test("only what was measured lately is added up", () => {
  const things = [thing(), thing({ thing: "plug:2", figures: { power_w: 1_200 } }), thing({ thing: "plug:3", age_s: STALE_S + 1 }), thing({ thing: "gate:1", figures: {} })];
  expect(drawn_w({ things, at_ms: 0 }, 0)).toBe(1_260);
  expect(drawn_w({ things: [thing({ figures: {} })], at_ms: 0 }, 0)).toBe(null);
  expect(drawn_w({ things, at_ms: 0 }, 3_600_000)).toBe(null);
});

test("what needs somebody is told while it is fresh", () => {
  const things = ["well", "away", "unknown", "lost", "alarmed", "shaky"].map((state) => thing({ thing: state, state }));
  expect(amiss({ things, at_ms: 0 }, 0).map(({ state }) => state)).toEqual(["lost", "alarmed", "shaky"]);
  expect(amiss({ things, at_ms: 0 }, 3_600_000)).toEqual([]);
});

test("figures have units, and those of a later release are shown by name", () => {
  expect(figuresOf(thing({ figures: { power_w: 61.4, energy_wh: 1_540, waiting: 0, fan_rpm: 900 } }))).toEqual(["61 W", "1.54 kWh counted", "fan rpm 900"]);
  expect([watts(0), watts(4.26), watts(1_499)]).toEqual(["0.0 W", "4.3 W", "1.50 kW"]);
  expect(stateOf(thing({ state: "dreaming" }))).toEqual({ words: "dreaming", tone: "calm", was: "was dreaming" });
});

test("things stand where an owner looks for them, strangers last, the box by itself", () => {
  const kinds = ["camera", "printer", "box", "agent", "gate", "broker"];
  expect(grouped(kinds.map((kind) => thing({ kind, thing: kind }))).map(({ title }) => title)).toEqual(["Plugs and routers", "PCs", "Kitchen", "Printers", "Other things"]);
});
