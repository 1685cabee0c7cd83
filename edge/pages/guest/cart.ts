/**
 * The cart as the box last told it.
 *
 * Rule of the file: pure; the box's word replaces ours. An update counts only if its `cart_version` is newer than what is
 * already here, so that repeats and answers to replayed mutations change nothing; a jump in `cart_version` means that
 * something was missed and the snapshot is due. Counterpart: `protocol/facts/cart.py`; what the guest did and the box
 * has not yet answered is in `intents.ts`.
 */
import type { CartItem, CartSnapshot, CartUpdate } from "@holdfast/protocol";

export interface Cart {
  readonly version: number;
  readonly items: ReadonlyMap<number, CartItem>;
}

export const NO_CART: Cart = { version: 0, items: new Map() };

export function fromSnapshot(snapshot: CartSnapshot): Cart {
  return { version: snapshot.cart_version, items: new Map(snapshot.items.map((item) => [item.id, item])) };
}

/** Whether updates between the cart and `update` never arrived. */
export function missedSomething(cart: Cart, update: CartUpdate): boolean {
  return update.cart_version > cart.version + 1;
}

export function applied(cart: Cart, update: CartUpdate): Cart {
  if (update.cart_version <= cart.version) return cart;
  const items = new Map(cart.items);
  const known = items.get(update.item.id);
  if (update.op === "delete") items.delete(update.item.id);
  else if (!known || known.version < update.item.version) items.set(update.item.id, update.item);
  return { version: update.cart_version, items };
}

/** The line as the box says it stands, which is what a `version_conflict` carries. */
export function corrected(cart: Cart, item: CartItem): Cart {
  const known = cart.items.get(item.id);
  if (!known || known.version >= item.version) return cart;
  return { version: cart.version, items: new Map(cart.items).set(item.id, item) };
}
