/** What the guest sees: the box's cart with their own unanswered taps over it. */
import { expect, test } from "vitest";
import { fromSnapshot } from "../../../../edge/pages/guest/cart";
import { toChange, toCreate, toRemove } from "../../../../edge/pages/guest/intents";
import { linesOf, mayChange, piecesOf, totalOf, type Recalled } from "../../../../edge/pages/guest/lines";
import { MenuBook } from "../../../../protocol/pages/menu/book";
import { HOST, item, MEMBER, MENU, plain, snapshot } from "./samples";

const BOOK = new MenuBook(MENU);
const NONE: Recalled = new Map();
const CART = fromSnapshot(snapshot({ cart_version: 2, items: [item(), item({ id: 101, menu_item: 18, member: MEMBER, price_minor: 1500 })] }));

test("an unanswered new line is shown at once, priced with its modifiers, as being saved", () => {
  const lines = linesOf(CART, toCreate([], { menu_item: 18, qty: 2, note: "rare", modifiers: [7], takeaway: false, choices: [] }, "mid-1"), BOOK, HOST, NONE);
  expect(lines[2]).toMatchObject({ key: "cmid-1", name: "Burger", qty: 2, price_minor: 1500, member: HOST, saving: true });
  expect(totalOf(lines)).toBe(500 + 1500 + 3000);
  expect(piecesOf(lines)).toBe(4);
});

test("an unanswered change and removal are shown at once", () => {
  const intents = toRemove(toChange([], "#100", { qty: 3, takeaway: true }, "mid-1"), "#101", "mid-2");
  expect(linesOf(CART, intents, BOOK, HOST, NONE)).toMatchObject([{ key: "#100", qty: 3, takeaway: true, saving: true }]);
});

test("with nothing under way the lines are the box's", () => {
  expect(linesOf(CART, [], BOOK, HOST, NONE).map(({ key, qty, saving }) => [key, qty, saving])).toEqual([["#100", 1, false], ["#101", 1, false]]);
});

test("only the person who added a line, or the host, may change it", () => {
  const [mine, theirs] = linesOf(CART, [], BOOK, HOST, NONE);
  expect(mayChange(mine!, MEMBER, false)).toBe(false);
  expect(mayChange(theirs!, MEMBER, false)).toBe(true);
  expect(mayChange(theirs!, HOST, true)).toBe(true);
});

test("a line whose dish has changed says so", () => {
  const lines = linesOf(CART, [], BOOK, HOST, new Map([[101, "changed"]]));
  expect(lines.map((line) => line.recalled)).toEqual([null, "changed"]);
});

test("a combo costs its price, what its dishes are dearer by, and their options", () => {
  const slots = [{ id: 1, name: "Main", choices: [{ menu_item: 17, price_minor: 0 }, { menu_item: 18, price_minor: 250 }] }];
  const combo = { ...MENU.items[0]!, id: 30, name: "Lunch", price_minor: 1000, ...plain(1000), takeaway_price_minor: 900, slots };
  const book = new MenuBook({ ...MENU, items: [...MENU.items, combo] });
  const choices = [{ slot: 1, menu_item: 18, modifiers: [7] }];
  expect(book.priceOf(combo, { modifiers: [], choices, takeaway: false })).toBe(1000 + 250 + 300);
  expect(book.priceOf(combo, { modifiers: [], choices, takeaway: true })).toBe(900 + 250 + 300);
  expect(book.wordsOf({ modifiers: [], choices })).toEqual(["Burger, Fries"]);
  expect([book.asks(combo), book.asks(MENU.items[0]!)]).toEqual([true, false]);
});
