/** A phone that hears the box in two ways: whatever overtakes what, it shows the newest, and asks until it has it. */
import type { Menu, TableMessage } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Asking } from "../../../../edge/pages/guest/asking";
import { Hearing } from "../../../../edge/pages/guest/hearing";
import { Table } from "../../../../edge/pages/guest/table";
import { Wire, type Request } from "../../protocol/pages/wire";
import { HOST, item, JOINED, MENU, snapshot, update } from "./samples";

let wire: Wire;
beforeEach(() => void (wire = new Wire("http://box/t/T1X")));
afterEach(() => wire.cut());

const snapshots = (): Request[] => wire.of("/cart_snapshot");
const menus = (): Request[] => wire.of("/menu");
const tell = (message: TableMessage): void => wire.tell(message);

/** A phone that sits, is live, and has the menu and one snapshot; what it asked until then is forgotten. */
async function live(): Promise<{ table: Table; hearing: Hearing }> {
  const table = new Table("T1X");
  const hearing = new Hearing(table, new Asking(table), () => "");
  table.me.value = JOINED;
  hearing.start();
  wire.connect();
  await menus()[0]!.answer(MENU, 200, '"first"');
  await snapshots()[0]!.answer(snapshot({ cart_version: 1, items: [item()] }));
  await snapshots()[1]!.answer(snapshot({ cart_version: 1, items: [item()] }));
  expect(table.lines.value).toHaveLength(1);
  wire.requests = [];
  return { table, hearing };
}

const LOCKED: TableMessage = { type: "cart_locked", order_id: "ORD-7-1", locked_by_member: HOST, message: "", timestamp: "" };
const CONFIRMED: TableMessage = { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" };
const SOLD_OUT: TableMessage = { type: "sold_out", menu_item: 17, sold_out: true };

test("a snapshot from before an order was confirmed does not bring its cart back", async () => {
  const { table } = await live();
  tell(LOCKED);
  tell(CONFIRMED);
  expect(table.lines.value).toEqual([]);
  await snapshots()[0]!.answer(snapshot({ cart_version: 1, items: [item()], cart_locked: true, order_processing_status: "processing" }));
  expect([table.lines.value.length, table.ordering.value.stage]).toEqual([0, "idle"]);
  await snapshots()[1]!.answer(snapshot({ cart_version: 2 }));
  expect([table.cart.value.version, snapshots().length]).toEqual([2, 2]);
});

test("however much happens meanwhile, a snapshot is taken in the end", async () => {
  const { table } = await live();
  tell(LOCKED);
  for (let turn = 0; turn < 4; turn += 1) {
    tell(LOCKED);
    await snapshots()[turn]!.answer(snapshot({ cart_version: 2 + turn }));
  }
  expect(table.cart.value.version).toBe(5);
});

test("a snapshot that did not come is asked for again although the socket is there", async () => {
  const { table } = await live();
  tell(LOCKED);
  await snapshots()[0]!.answer({ error: { code: "storage_failed", message: "No." } }, 503);
  await wire.pass(2_000);
  await snapshots()[1]!.answer(snapshot({ cart_version: 3 }));
  expect(table.cart.value.version).toBe(3);
  await wire.pass(10_000);
  expect(snapshots()).toHaveLength(2);
});

test.each([200, 404])("a table that was closed is not filled, and the next is not left, by a late answer: %d", async (status) => {
  const { table, hearing } = await live();
  tell(LOCKED);
  tell(update("create", 9, item({ id: 101 })));
  tell({ type: "table_closed", reason: "closed" });
  expect(table.me.value).toBeNull();
  table.me.value = { ...JOINED, session_pid: "s-2" };
  hearing.start();
  await snapshots()[0]!.answer(status === 200 ? snapshot({ cart_version: 9, items: [item()] }) : { error: { code: "session_closed", message: "" } }, status);
  expect([table.lines.value, table.synced.value, table.me.value?.session_pid]).toEqual([[], false, "s-2"]);
  await snapshots()[1]!.answer(snapshot({ cart_version: 1 }));
  expect(table.synced.value).toBe(true);
});

test("a dish stays sold out when the menu that was asked for before comes after", async () => {
  const { table } = await live();
  tell({ type: "menu_changed", menu_version: 2 });
  tell(SOLD_OUT);
  await menus()[0]!.answer({ ...MENU, menu_version: 2 }, 200, '"second"');
  expect([table.menu.value.menu.menu_version, table.menu.value.offers(17)]).toEqual([2, false]);
});

test("after a dish was marked the menu is asked for whole: the one of the tag is not what is shown", async () => {
  const { table } = await live();
  tell(SOLD_OUT);
  expect([table.menu.value.offers(17), menus().length]).toEqual([false, 0]);
  tell({ type: "menu_changed", menu_version: 2 });
  expect(menus()[0]!.headers["If-None-Match"]).toBeUndefined();
  await menus()[0]!.answer(MENU, 200, '"first"');
  expect(table.menu.value.offers(17)).toBe(true);
});

/** Soup is a part of the burger's slot. */
const COMBO: Menu = {
  ...MENU, items: MENU.items.map((each) => each.id === 17 ? each : { ...each, slots: [{ id: 1, name: "Starter", choices: [{ menu_item: 17, price_minor: 0 }] }] }),
};

const withoutSoup = (menu: Menu): Menu => ({
  ...menu, items: menu.items.map((each) => ({ ...each, sold_out: each.id === 17, available: each.id === 17 })),
});

test("a dish of a combo that is sold out has each phone fetch the menu once", async () => {
  const { table } = await live();
  tell({ type: "menu_changed", menu_version: 2 });
  await menus()[0]!.answer(COMBO, 200, '"combo"');
  tell(SOLD_OUT);
  expect(table.menu.value.offers(17)).toBe(false);
  await menus()[1]!.answer(withoutSoup(COMBO), 200, '"without"');
  await wire.pass(60_000);
  expect([menus().length, table.menu.value.offers(17), table.menu.value.offers(18)]).toEqual([2, false, false]);
  tell({ type: "menu_changed", menu_version: 3 });
  expect(menus()[2]!.headers["If-None-Match"]).toBe('"without"');
});

/** A phone whose box cannot say just now what is on the menu. */
async function hungry(): Promise<Hearing> {
  const table = new Table("T1X");
  wire.always = ({ answer }) => void answer({}, 503);
  const hearing = new Hearing(table, new Asking(table), () => "");
  await hearing.firstMenu();
  expect([hearing.menuFailed.value, menus().length]).toEqual([true, 1]);
  return hearing;
}

test("until there is a menu it is asked for ever more rarely, by one alone", async () => {
  const hearing = await hungry();
  await wire.pass(20_000);
  expect(menus().length).toBeGreaterThanOrEqual(3);
  expect(menus().length).toBeLessThanOrEqual(5);
  wire.always = ({ answer }) => void answer(MENU, 200, '"first"');
  await wire.pass(30_000);
  expect(hearing.menuFailed.value).toBe(false);
  const asked = menus().length;
  await wire.pass(60_000);
  expect(menus()).toHaveLength(asked);
});

test("a phone in a pocket asks for no menu, and at once when it is taken out", async () => {
  const hearing = await hungry();
  wire.page.look(false);
  await wire.pass(600_000);
  expect(menus()).toHaveLength(1);
  wire.always = ({ answer }) => void answer(MENU, 200, '"first"');
  wire.page.look(true);
  await wire.pass(0);
  expect([menus().length, hearing.menuFailed.value]).toEqual([2, false]);
});
