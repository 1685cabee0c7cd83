/** Reconciliation: the box's versions decide what is news, in whatever order and however often it arrives. */
import { describe, expect, test } from "vitest";
import { applied, corrected, fromSnapshot, missedSomething, NO_CART } from "../../../../edge/pages/guest/cart";
import { item, snapshot, update } from "./samples";

describe("an update", () => {
  test("is applied when it is newer", () => {
    const cart = applied(applied(NO_CART, update("create", 1, item())), update("update", 2, item({ qty: 2, version: 2 })));
    expect([...cart.items.values()]).toEqual([item({ qty: 2, version: 2 })]);
    expect(cart.version).toBe(2);
  });

  test("that is repeated changes nothing, not even after the line was taken out", () => {
    const created = update("create", 1, item());
    const cart = applied(applied(NO_CART, created), update("delete", 2, item({ version: 2 })));
    expect(applied(cart, created)).toBe(cart);
    expect(cart.items.size).toBe(0);
  });

  test("never takes a line back to a version that is already known", () => {
    const cart = fromSnapshot(snapshot({ cart_version: 5, items: [item({ qty: 3, version: 3 })] }));
    expect(applied(cart, update("update", 6, item({ qty: 2, version: 2 }))).items.get(100)?.qty).toBe(3);
  });

  test("that a snapshot already holds is ignored", () => {
    const cart = fromSnapshot(snapshot({ cart_version: 4, items: [] }));
    expect(applied(cart, update("create", 3, item()))).toBe(cart);
  });
});

test("a jump in the cart's version says that something was missed; the next version does not", () => {
  const cart = fromSnapshot(snapshot({ cart_version: 4 }));
  expect(missedSomething(cart, update("create", 5, item()))).toBe(false);
  expect(missedSomething(cart, update("create", 6, item()))).toBe(true);
});

test("a version conflict brings the line as it stands, and never an older one", () => {
  const cart = fromSnapshot(snapshot({ cart_version: 4, items: [item({ version: 2, qty: 2 })] }));
  expect(corrected(cart, item({ version: 3, qty: 9 })).items.get(100)?.qty).toBe(9);
  expect(corrected(cart, item({ version: 1, qty: 1 }))).toBe(cart);
  expect(corrected(cart, item({ id: 999 }))).toBe(cart);
});
