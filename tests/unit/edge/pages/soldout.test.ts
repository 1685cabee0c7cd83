/** A cook's list of what is off: what nobody knows stays said, and what was old is not called so any more once it is new. */
import type { MenuItem } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Dishes } from "../../../../edge/pages/kitchen/dishes";
import { Wire, type Request } from "../../protocol/pages/wire";
import { MENU } from "./samples";

let wire: Wire;
let away: boolean;
let dishes: Dishes;

beforeEach(() => {
  wire = new Wire("http://box/kitchen");
  away = false;
  const heard = fetch;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => (away ? Promise.reject(new TypeError("gone")) : heard(path, init)));
  dishes = new Dishes("token");
});
afterEach(() => {
  dishes.drop();
  wire.cut();
});

const menus = (): Request[] => wire.of("/menu").filter((each) => each.method === "GET");
/** Until it is asked about so often; how long that takes is spread. */
async function asked(times: number): Promise<void> {
  for (let second = 0; second < 60 && menus().length < times; second += 1) await wire.pass(1_000);
}
const soup = (): MenuItem => dishes.all.value![0]!;

test("what is not known of a press stays said until the next one, and what was old is no longer called so", async () => {
  dishes.look();
  await wire.pass(0);
  await menus()[0]!.answer(MENU);
  away = true;
  void dishes.turn(soup());
  await wire.pass(60_000);
  expect(dishes.problem.value).toContain("nobody knows whether this was done");
  away = false;
  await asked(2);
  await menus()[1]!.answer(MENU);
  expect(dishes.problem.value).toContain("Look before you press again.");
  void dishes.turn(soup());
  await wire.pass(0);
  expect(dishes.problem.value).toBeNull();
});

test("a list that could not be had is asked for again, and is new then", async () => {
  away = true;
  dishes.look();
  await wire.pass(0);
  expect(dishes.problem.value).toBe("The box does not answer; this may be old.");
  away = false;
  await asked(1);
  await menus()[0]!.answer(MENU);
  expect([dishes.problem.value, dishes.all.value]).toEqual([null, MENU.items]);
});

test("nobody asks on once the sheet is closed", async () => {
  away = true;
  dishes.look();
  await wire.pass(0);
  dishes.drop();
  dishes.look();
  away = false;
  await wire.pass(60_000);
  expect(menus()).toHaveLength(0);
});
