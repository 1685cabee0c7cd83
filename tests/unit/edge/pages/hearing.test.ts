/** A phone that hears the box in two ways: whatever overtakes what, it shows the newest, and asks until it has it. */
import type { TableMessage } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "../../../../edge/pages/guest/asking";
import { Hearing } from "../../../../edge/pages/guest/hearing";
import { Table } from "../../../../edge/pages/guest/table";
import { HOST, item, JOINED, MENU, snapshot } from "./samples";

interface Asked {
  path: string;
  tag: string | undefined;
  answer: (status: number, body?: object, tag?: string) => Promise<void>;
}

let asked: Asked[];
let socket: FakeSocket;

class FakeSocket {
  static readonly OPEN = 1;
  readonly readyState = FakeSocket.OPEN;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;

  constructor() {
    socket = this;
  }

  send(): void {}
  close(): void {}
  tell(message: TableMessage): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { href: "http://box/t/T1X" });
  vi.stubGlobal("document", { visibilityState: "visible", addEventListener: () => undefined, removeEventListener: () => undefined });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => new Promise<Response>((resolve) => {
    const answer: Asked["answer"] = async (status, body, tag = "") => {
      resolve(new Response(body ? JSON.stringify(body) : null, { status, headers: { ETag: tag } }));
      await vi.advanceTimersByTimeAsync(0);
    };
    asked.push({ path: path.split("?")[0]!, tag: (init.headers as Record<string, string>)["If-None-Match"], answer });
  }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const outOf = (path: string): Asked[] => asked.filter((each) => each.path === path);
const snapshots = (): Asked[] => outOf("/cart_snapshot");
const menus = (): Asked[] => outOf("/menu");

/** A phone that sits, is live, and has the menu and one snapshot; what it asked until then is forgotten. */
async function live(): Promise<{ table: Table; hearing: Hearing }> {
  const table = new Table("T1X");
  const hearing = new Hearing(table, new Asking(table), () => "");
  table.me.value = JOINED;
  hearing.start();
  socket.onopen();
  await menus()[0]!.answer(200, MENU, '"first"');
  await snapshots()[0]!.answer(200, snapshot({ cart_version: 1, items: [item()] }));
  await snapshots()[1]!.answer(200, snapshot({ cart_version: 1, items: [item()] }));
  expect(table.lines.value).toHaveLength(1);
  asked = [];
  return { table, hearing };
}

const LOCKED: TableMessage = { type: "cart_locked", order_id: "ORD-7-1", locked_by_member: HOST, message: "", timestamp: "" };
const CONFIRMED: TableMessage = { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" };
const SOLD_OUT: TableMessage = { type: "sold_out", menu_item: 17, sold_out: true };

test("a snapshot from before an order was confirmed does not bring its cart back", async () => {
  const { table } = await live();
  socket.tell(LOCKED);
  socket.tell(CONFIRMED);
  expect(table.lines.value).toEqual([]);
  await snapshots()[0]!.answer(200, snapshot({ cart_version: 1, items: [item()], cart_locked: true, order_processing_status: "processing" }));
  expect([table.lines.value.length, table.ordering.value.stage]).toEqual([0, "idle"]);
  await snapshots()[1]!.answer(200, snapshot({ cart_version: 2 }));
  expect([table.cart.value.version, snapshots().length]).toEqual([2, 2]);
});

test("however much happens meanwhile, a snapshot is taken in the end", async () => {
  const { table } = await live();
  socket.tell(LOCKED);
  for (let turn = 0; turn < 4; turn += 1) {
    socket.tell(LOCKED);
    await snapshots()[turn]!.answer(200, snapshot({ cart_version: 2 + turn }));
  }
  expect(table.cart.value.version).toBe(5);
});

test("a snapshot that did not come is asked for again although the socket is there", async () => {
  const { table } = await live();
  socket.tell(LOCKED);
  await snapshots()[0]!.answer(503, { error: { code: "storage_failed", message: "No." } });
  await vi.advanceTimersByTimeAsync(2_000);
  await snapshots()[1]!.answer(200, snapshot({ cart_version: 3 }));
  expect(table.cart.value.version).toBe(3);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(snapshots()).toHaveLength(2);
});

test.each([200, 404])("a table that was closed is not filled, and the next is not left, by a late answer: %d", async (status) => {
  const { table, hearing } = await live();
  socket.tell(LOCKED);
  socket.tell({ type: "table_closed", reason: "closed" });
  expect(table.me.value).toBeNull();
  table.me.value = { ...JOINED, session_pid: "s-2" };
  hearing.start();
  await snapshots()[0]!.answer(status, status === 200 ? snapshot({ cart_version: 9, items: [item()] }) : { error: { code: "session_closed", message: "" } });
  expect([table.lines.value, table.synced.value, table.me.value?.session_pid]).toEqual([[], false, "s-2"]);
  await snapshots()[1]!.answer(200, snapshot({ cart_version: 1 }));
  expect(table.synced.value).toBe(true);
});

test("a dish stays sold out when the menu that was asked for before comes after", async () => {
  const { table } = await live();
  socket.tell({ type: "menu_changed", menu_version: 2 });
  socket.tell(SOLD_OUT);
  await menus()[0]!.answer(200, { ...MENU, menu_version: 2 }, '"second"');
  expect([table.menu.value.menu.menu_version, table.menu.value.offers(17)]).toEqual([2, false]);
});

test("after a dish was marked the menu is asked for whole: the one of the tag is not what is shown", async () => {
  const { table } = await live();
  socket.tell(SOLD_OUT);
  expect([table.menu.value.offers(17), menus().length]).toEqual([false, 0]);
  socket.tell({ type: "menu_changed", menu_version: 2 });
  expect(menus()[0]!.tag).toBeUndefined();
  await menus()[0]!.answer(200, MENU, '"first"');
  expect(table.menu.value.offers(17)).toBe(true);
});
