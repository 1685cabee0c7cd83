/** One press is one order, whatever the network does to the question and to the answer. */
import { cartHash, type TableMessage } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "../../../../edge/pages/guest/asking";
import { buttonFor } from "../../../../edge/pages/guest/ordering";
import { Table } from "../../../../edge/pages/guest/table";
import { HOST, item, JOINED, MENU, snapshot } from "./samples";
import { MenuBook } from "../../../../edge/pages/guest/lines";

interface Asked {
  mid: string;
  cart_hash: string;
}

/** What the network does with each question in turn; the last goes on for ever. */
type Fate = "lost" | { status: number; body: object };

let asked: Asked[];

function network(...fates: Fate[]): void {
  asked = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)) as Asked);
    const fate = fates[Math.min(asked.length, fates.length) - 1]!;
    if (fate === "lost") throw new TypeError("network");
    return new Response(JSON.stringify(fate.body), { status: fate.status });
  });
}

function seated(): { table: Table; asking: Asking } {
  const table = new Table("T1X");
  table.menu.value = new MenuBook(MENU);
  table.me.value = JOINED;
  table.link.value = "live";
  table.adopt(snapshot({ cart_version: 1, items: [item()] }));
  return { table, asking: new Asking(table) };
}

function tell({ table, asking }: { table: Table; asking: Asking }, message: TableMessage): void {
  asking.heard(message, "");
  table.hear(message);
}

const PLACED: Fate = { status: 201, body: { order_id: "ORD-7-1", ticket: "K-1" } };
const FAILED: TableMessage = { type: "order_failed", order_id: "ORD-7-1", error: "POS down", message: "", allow_retry: true };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("an answer empties the cart and congratulates once, also when the broadcast comes too", async () => {
  network(PLACED);
  const phone = seated();
  await phone.asking.press("");
  expect(asked).toMatchObject([{ cart_hash: cartHash([item()]) }]);
  expect(phone.asking.placed.value).toEqual({ order_id: "ORD-7-1", ticket: "K-1" });
  expect(phone.table.lines.value).toEqual([]);
  phone.asking.placed.value = null;
  tell(phone, { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" });
  expect(phone.asking.placed.value).toBeNull();
});

test("a lost question or answer is repeated word for word until somebody answers", async () => {
  network("lost", "lost", PLACED);
  const { asking } = seated();
  const pressed = asking.press("");
  await vi.advanceTimersByTimeAsync(4_000);
  await pressed;
  expect(asked).toHaveLength(3);
  expect(new Set(asked.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(asking.placed.value?.ticket).toBe("K-1");
});

test("after ten seconds the guest may press again, which asks the same question at once", async () => {
  network("lost");
  const { table, asking } = seated();
  void asking.press("");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(buttonFor(table.ordering.value, table.around.value).words).toBe("Retry Order");
  const before = asked.length;
  void asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.length).toBe(before + 1);
  expect(new Set(asked.map((each) => each.mid)).size).toBe(1);
});

test("an order still under way keeps being asked after until the box has decided", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } }, PLACED);
  const { table, asking } = seated();
  const pressed = asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  expect(table.ordering.value.stage).toBe("processing");
  await vi.advanceTimersByTimeAsync(2_000);
  await pressed;
  expect(asking.placed.value?.order_id).toBe("ORD-7-1");
});

test("a refusal ends it, says why, and the next press is a new order", async () => {
  network({ status: 409, body: { error: { code: "cart_changed", message: "The cart has changed." } } }, PLACED);
  const { table, asking } = seated();
  await asking.press("");
  expect(table.notice.value?.words).toBe("The cart has changed.");
  expect(buttonFor(table.ordering.value, table.around.value)).toMatchObject({ words: "Place Order", enabled: true });
  await asking.press("");
  expect(asked[1]!.mid).not.toBe(asked[0]!.mid);
});

test("a failed order is tried again by the phone that asked, after two, four and eight seconds, then no more", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } });
  const phone = seated();
  void phone.asking.press("");
  const mids = new Set<string>();
  for (const delay_s of [2, 4, 8]) {
    await vi.advanceTimersByTimeAsync(0);
    tell(phone, FAILED);
    mids.add(asked[asked.length - 1]!.mid);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(delay_s * 1_000 - 1);
    expect(asked.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.length).toBe(before + 1);
  }
  tell(phone, FAILED);
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(before);
  expect(mids.size).toBe(3);
});

test("a failure of somebody else's order is not retried here, nor one whose cart was touched meanwhile", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } });
  const phone = seated();
  tell(phone, FAILED);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
  void phone.asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  tell(phone, FAILED);
  phone.asking.cartTouched();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
});

test("the question waits until the box has answered for every tap", async () => {
  network(PLACED);
  const { table, asking } = seated();
  table.add({ menu_item: 17, qty: 1, note: "", modifiers: [] });
  const pressed = asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([]);
  table.adopt(snapshot({ cart_version: 2, items: [item(), item({ id: 101, member: HOST })] }));
  table.setIntents([]);
  await pressed;
  expect(asked).toMatchObject([{ cart_hash: cartHash([item(), item({ id: 101 })]) }]);
});
