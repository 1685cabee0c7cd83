/** The phone and the box must compute the same hash; both are held to the same vectors. */
import { cartHash } from "@holdfast/protocol";
import { expect, test } from "vitest";
import vectors from "../../../vectors/cart_hash.json";

test.each(vectors)("$name", ({ lines, cart_hash }) => {
  expect(cartHash(lines)).toBe(cart_hash);
});

test("the order in which lines are handed in does not change the hash", () => {
  for (const { lines } of vectors) expect(cartHash([...lines].reverse())).toBe(cartHash(lines));
});
