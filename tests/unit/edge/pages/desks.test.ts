/** What a tablet fetches and hears of: whichever comes late, the newest is shown. */
import type { Menu, PlaySession, StaffHello, StaffMessage, StaffTable, Station } from "@holdfast/protocol";
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Desk } from "../../../../edge/pages/staff/desk";
import type { House } from "../../../../edge/pages/staff/house";
import { Dishes } from "../../../../edge/pages/staff/menu";
import { stationsAfter } from "../../../../edge/pages/staff/news";
import { follow } from "../../../../edge/pages/staff/stations/follow";
import { WholeTable } from "../../../../edge/pages/staff/table/whole";
import { Page } from "../../protocol/pages/wire";
import { item, MENU, snapshot } from "./samples";

interface Out {
  path: string;
  answer: (body: unknown) => Promise<void>;
  lose: () => Promise<void>;
}

let out: Out[];
let listeners: Set<(message: StaffMessage) => void>;

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** Every request waits for the test to answer it. */
const once = (path: string): Promise<unknown> => new Promise((resolve, reject) => {
  const answer = async (body: unknown): Promise<void> => void (resolve(body), await settled());
  const lose = async (): Promise<void> => void (reject(new Error("gone")), await settled());
  out.push({ path, answer, lose });
});

const desk = { me: { user: "anna" }, get: once, insist: once, attempt: (what: () => Promise<unknown>) => what().then(() => true, () => false) } as unknown as Desk;

function house(stations: Station[] = []): House {
  const listen = (listener: (message: StaffMessage) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { listen, stations: signal(stations) } as unknown as House;
}

const tell = (message: object): void => listeners.forEach((listener) => listener(message as StaffMessage));

beforeEach(() => {
  vi.useFakeTimers();
  new Page();
  out = [];
  listeners = new Set();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("stations", () => {
  const SESSION = { id: "s1", station_id: "ps5-1", status: "ACTIVE" } as PlaySession;
  const free = { id: "ps5-1", status: "ONLINE", session: null, power_w: null } as Station;

  test("a session that began while they were asked for stays, and power is asked for again", async () => {
    const room = house([free]);
    const stop = follow(room, desk);
    const began = { type: "session:started", session: SESSION } as StaffMessage;
    room.stations.value = stationsAfter(room.stations.value, began);
    tell(began);
    await out[0]!.answer({ stations: [{ ...free, power_w: 5 }] });
    expect(room.stations.value[0]).toMatchObject({ power_w: 5, session: { id: "s1" } });
    await out[1]!.answer({ stations: [{ ...free, power_w: 90, session: SESSION }] });
    expect(room.stations.value[0]).toMatchObject({ power_w: 90, session: { id: "s1" } });
    tell({ type: "order:status", order: {} });
    expect(out).toHaveLength(2);
    stop();
  });

  test("whoever has left the stations overwrites nothing with an answer that comes then", async () => {
    const room = house([free]);
    follow(room, desk)();
    room.stations.value = [{ ...free, session: SESSION }];
    await out[0]!.answer({ stations: [free] });
    expect(room.stations.value[0]!.session?.id).toBe("s1");
  });
});

describe("the menu", () => {
  test("a dish that was marked while it was asked for stays sold out", async () => {
    const dishes = new Dishes(house(), desk);
    dishes.start();
    await out[0]!.answer(MENU);
    tell({ type: "menu_changed", menu_version: 2 });
    tell({ type: "menu:stock", menu_item: 17, sold_out: true });
    await out[1]!.answer({ ...MENU, menu_version: 2 } satisfies Menu);
    expect([dishes.book.value.menu.menu_version, dishes.book.value.offers(17)]).toEqual([2, false]);
  });
});

describe("a table", () => {
  const at = (session_pid: string | null): StaffTable => ({ code: "T1", session_pid }) as StaffTable;
  const whole = (session: string, changes: object): object => ({ table: at(session), bill: null, cart: snapshot(changes) });

  test("is shown however often it changes while it is asked for", async () => {
    const table = new WholeTable("T1", house(), desk);
    table.start();
    for (let turn = 0; turn < 4; turn += 1) {
      tell({ type: "table:status", table: at("s-1") });
      await vi.advanceTimersByTimeAsync(60);
      await out[turn]!.answer(whole("s-1", { cart_version: turn }));
      expect(table.cart.value?.cart_version).toBe(turn);
    }
  });

  test("takes the cart of the guests who come next, whatever its version", async () => {
    const table = new WholeTable("T1", house(), desk);
    table.start();
    await out[0]!.answer(whole("s-1", { cart_version: 9, items: [item()] }));
    void table.refresh();
    await out[1]!.answer(whole("s-2", { cart_version: 1 }));
    expect(table.cart.value).toMatchObject({ cart_version: 1, items: [] });
    void table.refresh();
    await out[2]!.answer(whole("s-2", { cart_version: 0, items: [item()] }));
    expect(table.cart.value?.cart_version).toBe(1);
  });

  test("keeps the bill that a payment was answered with until a bill that was asked for after it", async () => {
    const bill = (due_minor: number): never => ({ session_pid: "s-1", due_minor }) as never;
    const table = new WholeTable("T1", house(), desk);
    table.start();
    await out[0]!.answer({ ...whole("s-1", {}), bill: bill(500) });
    void table.refresh();
    table.takeBill(bill(0));
    await out[1]!.answer({ ...whole("s-1", {}), bill: bill(500) });
    expect(table.bill.value?.due_minor).toBe(0);
    await out[2]!.answer({ ...whole("s-1", {}), bill: bill(0) });
    expect([table.bill.value?.due_minor, out.length]).toEqual([0, 3]);
  });

  test("is asked for again until somebody answers", async () => {
    const table = new WholeTable("T1", house(), desk);
    table.start();
    await out[0]!.lose();
    expect(table.problem.value).not.toBeNull();
    await vi.advanceTimersByTimeAsync(3_000);
    await out[1]!.answer(whole("s-1", {}));
    expect([table.problem.value, table.live.value]).toEqual([null, true]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(out).toHaveLength(2);
  });
});

/** A hello names every station anew; it counts more than what was asked before. */
test("a greeting is news of the stations, too", async () => {
  const room = house([]);
  follow(room, desk);
  const hello = { type: "hello", stations: [{ id: "pc-1" } as Station] } as StaffHello;
  tell(hello);
  await out[0]!.answer({ stations: [] });
  expect(room.stations.value.map((each) => each.id)).toEqual(["pc-1"]);
});
