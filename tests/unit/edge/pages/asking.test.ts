/** One press is one order, whatever the network does to the question and to the answer. */
import { cartHash, type PlacedOrder, type TableMessage } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "../../../../edge/pages/guest/asking";
import { buttonFor } from "../../../../edge/pages/guest/ordering";
import { Table } from "../../../../edge/pages/guest/table";
import { FAILURE, HOST, item, JOINED, MENU, snapshot, update } from "./samples";
import { MenuBook } from "../../../../protocol/pages/menu/book";

interface Asked {
  mid: string;
  cart_hash: string;
  gps?: object;
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

const ORDER: PlacedOrder = {
  order_id: "ORD-7-1", ticket: "K-1", status: "confirmed", total: 5, total_minor: 500, currency: "EUR",
  placed_at: "2026-01-01T12:00:00.000Z", member: HOST, special_instructions: "", items: [],
};
const PLACED: Fate = { status: 201, body: { order_id: "ORD-7-1", ticket: "K-1" } };
const FAILED = (retry_after_s: number | null): TableMessage => ({ ...FAILURE, retry_after_s });

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

test("the phone that asked tries again when the box says so, and only then", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } });
  const phone = seated();
  void phone.asking.press("");
  const mids = new Set<string>();
  for (const delay_s of [2, 4, 8]) {
    await vi.advanceTimersByTimeAsync(0);
    tell(phone, FAILED(delay_s));
    mids.add(asked[asked.length - 1]!.mid);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(delay_s * 1_000 - 1);
    expect(asked.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.length).toBe(before + 1);
  }
  tell(phone, FAILED(null));
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(before);
  expect(mids.size).toBe(3);
});

test.each(["the answer", "the broadcast"])("a failure is one failure, and %s may come first", async (first) => {
  network({ status: 502, body: { error: { code: "order_failed", message: "Order failed: POS down." } } }, PLACED);
  const phone = seated();
  const pressed = phone.asking.press("");
  if (first === "the broadcast") tell(phone, FAILED(2));
  await pressed;
  if (first === "the answer") tell(phone, FAILED(2));
  expect(phone.table.notice.value).toBeNull();
  expect(buttonFor(phone.table.ordering.value, phone.table.around.value).words).toBe("Retry Order");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveLength(2);
  expect(phone.asking.placed.value?.order_id).toBe("ORD-7-1");
});

test("a failure of somebody else's order is not retried here, nor one whose cart was touched meanwhile", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } });
  const phone = seated();
  tell(phone, FAILED(2));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
  for (const touch of [() => phone.asking.cartTouched(), () => tell(phone, update("update", 9, item({ version: 2 })))]) {
    void phone.asking.press("");
    await vi.advanceTimersByTimeAsync(0);
    tell(phone, FAILED(2));
    const before = asked.length;
    touch();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(before);
  }
});

test("a retry is asked for although the answer to the first try is still out", async () => {
  network("lost", PLACED);
  const phone = seated();
  void phone.asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  tell(phone, FAILED(null));
  await phone.asking.press("");
  expect(asked).toHaveLength(2);
  expect(asked[1]!.mid).not.toBe(asked[0]!.mid);
  expect(phone.asking.placed.value?.ticket).toBe("K-1");
});

test("an order that was confirmed while nothing was heard is congratulated on, once", async () => {
  network({ status: 202, body: { order_id: "ORD-7-1", status: "processing" } });
  const phone = seated();
  const locked = snapshot({ cart_locked: true, locked_by_member: HOST, pending_order_id: "ORD-7-1", order_processing_status: "processing" });
  phone.table.adopt(locked);
  const before = phone.table.ordering.value;
  const done = snapshot({ orders: [{ ...ORDER, order_id: "ORD-7-1", ticket: "K-1" }] });
  phone.table.adopt(done);
  phone.asking.caughtUp(before, done);
  expect(phone.asking.placed.value).toEqual({ order_id: "ORD-7-1", ticket: "K-1" });
  phone.asking.placed.value = null;
  tell(phone, { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" });
  expect(phone.asking.placed.value).toBeNull();
});

test.each([
  { policy: "gps", known: true, sent: { lat: 53.5, lon: 9.9, accuracy_m: 12 } },
  { policy: "either", known: true, sent: { lat: 53.5, lon: 9.9, accuracy_m: 12 } },
  { policy: "gps", known: false, sent: undefined },
  { policy: "ip", known: true, sent: undefined },
  { policy: "off", known: true, sent: undefined },
] as const)("where the phone is goes with the order when the venue asks: $policy, $known", async ({ policy, known, sent }) => {
  network(PLACED);
  const coords = { latitude: 53.5, longitude: 9.9, accuracy: 12 };
  const getCurrentPosition = (found: (at: object) => void, failed: () => void): void => (known ? found({ coords }) : failed());
  vi.stubGlobal("navigator", { geolocation: { getCurrentPosition } });
  const { table, asking } = seated();
  table.locationPolicy.value = policy;
  await asking.press("");
  expect(asked).toHaveLength(1);
  expect(asked[0]!.gps).toEqual(sent);
});

test("the question waits until the box has answered for every tap", async () => {
  network(PLACED);
  const { table, asking } = seated();
  table.add({ menu_item: 17, qty: 1, note: "", modifiers: [], takeaway: false, choices: [] });
  const pressed = asking.press("");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([]);
  table.adopt(snapshot({ cart_version: 2, items: [item(), item({ id: 101, member: HOST })] }));
  table.setIntents([]);
  await pressed;
  expect(asked).toMatchObject([{ cart_hash: cartHash([item(), item({ id: 101 })]) }]);
});

test("an order is sent although the guest never answers whether the page may know where the phone is", async () => {
  network(PLACED);
  vi.stubGlobal("navigator", { geolocation: { getCurrentPosition: () => undefined } });
  const { table, asking } = seated();
  table.locationPolicy.value = "gps";
  const pressed = asking.press("");
  await vi.advanceTimersByTimeAsync(29_000);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  await pressed;
  expect(asking.placed.value?.order_id).toBe("ORD-7-1");
});
