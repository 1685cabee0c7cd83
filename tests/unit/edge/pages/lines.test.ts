/** What the guest sees: the box's cart with their own unanswered taps over it. */
import { expect, test } from "vitest";
import { fromSnapshot } from "../../../../edge/pages/guest/cart";
import { toChange, toCreate, toRemove } from "../../../../edge/pages/guest/intents";
import { linesOf, mayChange, MenuBook, piecesOf, totalOf } from "../../../../edge/pages/guest/lines";
import { HOST, item, MEMBER, MENU, snapshot } from "./samples";

const BOOK = new MenuBook(MENU);
const CART = fromSnapshot(snapshot({ cart_version: 2, items: [item(), item({ id: 101, menu_item: 18, member: MEMBER, price_minor: 1500 })] }));

test("an unanswered new line is shown at once, priced with its modifiers, as being saved", () => {
  const lines = linesOf(CART, toCreate([], { menu_item: 18, qty: 2, note: "rare", modifiers: [7] }, "mid-1"), BOOK, HOST);
  expect(lines[2]).toMatchObject({ key: "cmid-1", name: "Burger", qty: 2, price_minor: 1500, member: HOST, saving: true });
  expect(totalOf(lines)).toBe(500 + 1500 + 3000);
  expect(piecesOf(lines)).toBe(4);
});

test("an unanswered change and removal are shown at once", () => {
  const intents = toRemove(toChange([], "#100", 3, "mid-1"), "#101", "mid-2");
  expect(linesOf(CART, intents, BOOK, HOST)).toMatchObject([{ key: "#100", qty: 3, saving: true }]);
});

test("with nothing under way the lines are the box's", () => {
  expect(linesOf(CART, [], BOOK, HOST).map(({ key, qty, saving }) => [key, qty, saving])).toEqual([["#100", 1, false], ["#101", 1, false]]);
});

test("only the person who added a line, or the host, may change it", () => {
  const [mine, theirs] = linesOf(CART, [], BOOK, HOST);
  expect(mayChange(mine!, MEMBER, false)).toBe(false);
  expect(mayChange(theirs!, MEMBER, false)).toBe(true);
  expect(mayChange(theirs!, HOST, true)).toBe(true);
});
