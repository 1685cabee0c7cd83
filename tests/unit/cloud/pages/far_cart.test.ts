/** The cart on a far guest's phone: nobody orders what changed under their eyes, and nothing is counted twice. */
import { expect, test } from "vitest";
import type { Menu, MenuItem } from "@holdfast/protocol";
import { MenuBook } from "@holdfast/pages/menu/book";
import { added, agreed, changed, flawOf, restored, sendable, totalOf, type FarLine } from "../../../../cloud/pages/table/cart";
import { isPlaced, kept, type Followed } from "../../../../cloud/pages/table/sending";

const dish = (id: number, more: Partial<MenuItem> = {}): MenuItem => ({
  id, name: `Dish ${id}`, category: "Mains", price_minor: 500, takeaway_price_minor: 400, description: "", station: "kitchen", allergens: [],
  sold_out: false, available: true, modifier_groups: [], slots: [], hours: "", picture: null, ...more,
});

const book = (...items: MenuItem[]): MenuBook =>
  new MenuBook({ menu_version: 1, currency: "EUR", venue_name: "", categories: ["Mains"], items, modifier_groups: [], takeaway: true, shop: false } satisfies Menu);

const wanted = (menu_item: number, more = {}) => ({ menu_item, qty: 1, note: "", modifiers: [], choices: [], takeaway: false, ...more });
const NOW = book(dish(1), dish(2));

test("one more of the same goes onto its line; what is eaten elsewhere, or with a note, is another", () => {
  const lines = [wanted(1), wanted(1), wanted(1, { takeaway: true }), wanted(1, { note: "hot" }), wanted(1, { note: "hot" })]
    .reduce<FarLine[]>((cart, each) => added(cart, NOW, each), []);
  expect(lines.map(({ qty, takeaway, note, price_minor }) => [qty, takeaway, note, price_minor])).toEqual([
    [2, false, "", 500], [1, true, "", 400], [1, false, "hot", 500], [1, false, "hot", 500],
  ]);
  expect(totalOf(NOW, lines)).toBe(2400);
  expect(new Set(lines.map((line) => line.mid)).size).toBe(4);
});

test.each([
  ["is dearer", book(dish(1, { price_minor: 501 })), "dearer"],
  ["is cheaper", book(dish(1, { price_minor: 499 })), null],
  ["is sold out", book(dish(1, { sold_out: true })), "sold_out"],
  ["is out of its hours", book(dish(1, { available: false })), "not_now"],
  ["is not on the menu", book(dish(2)), "withdrawn"],
  ["is not known yet, without a menu", book(), null],
])("a dish that %s", (_, later, flaw) => {
  const [line] = added([], NOW, wanted(1));
  expect(flawOf(later, line!)).toBe(flaw);
});

test("an option, or a dish of a combo, that is gone is told too", () => {
  const [option] = added([], NOW, wanted(1, { modifiers: [9] }));
  const [part] = added([], NOW, wanted(1, { choices: [{ slot: 1, menu_item: 2, modifiers: [] }] }));
  expect(flawOf(NOW, option!)).toBe("withdrawn");
  expect(flawOf(book(dish(1), dish(2, { sold_out: true })), part!)).toBe("sold_out");
});

test("who agrees to a price sends that one, and a price that falls is sent as it is", () => {
  const lines = added([], NOW, wanted(1));
  const later = book(dish(1, { price_minor: 600 }));
  const now = agreed(lines, later, lines[0]!.mid);
  expect([flawOf(later, now[0]!), sendable(now, later)[0]!.price_minor]).toEqual([null, 600]);
  expect(sendable(lines, book(dish(1, { price_minor: 450 })))[0]!.price_minor).toBe(450);
});

test("taking it away instead shows that price and does not ask about it", () => {
  const dear = book(dish(1, { takeaway_price_minor: 700 }));
  const lines = added([], dear, wanted(1));
  const [away] = changed(lines, dear, lines[0]!.mid, { takeaway: true });
  expect([away!.price_minor, flawOf(dear, away!)]).toEqual([700, null]);
  expect(changed(lines, dear, lines[0]!.mid, { qty: 0 })).toEqual([]);
});

test("a cart of an older page is taken over, and one that is no cart is not", () => {
  const [line, ...rest] = restored([{ mid: "m-1", menu_item: 1, qty: 2, note: "", modifiers: [], choices: [] }, { mid: "m-2" }]);
  expect([flawOf(NOW, line!), totalOf(NOW, [line!]), rest]).toEqual([null, 1000, []]);
});

const followed = (order_id: string, status: string, ticket: string | null, since_ms: number): Followed => ({
  command_id: `c-${order_id}-${since_ms}`, cheered: false, since_ms,
  told: { partly: false, refused: [], failure: null, order: { order_id, ticket, status, total: 5, total_minor: 500, currency: "EUR", placed_at: "", member: "m", special_instructions: "", items: [] } },
});

test("orders of this evening are kept, each once", () => {
  const day = 24 * 3_600_000;
  const orders = [followed("ORD-1", "confirmed", "K-1", day), followed("ORD-1", "failed", null, day), followed("ORD-0", "served", "K-0", 0)];
  expect(kept(orders, day).map((each) => each.command_id)).toEqual([`c-ORD-1-${day}`]);
});

test("nothing is celebrated that kitchen and till have not taken", () => {
  expect(isPlaced(followed("ORD-1", "processing", null, 0))).toBe(false);
  expect(isPlaced(followed("ORD-1", "failed", null, 0))).toBe(false);
  expect(isPlaced(followed("ORD-1", "confirmed", "K-1", 0))).toBe(true);
});
