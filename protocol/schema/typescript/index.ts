/**
 * What the pages and the services say to each other, as TypeScript.
 *
 * `messages/` (generated) and `owner.ts` hold shapes only; beside them stand the few rules that both sides must compute
 * alike: the cart's hash, ids and money. Counterparts: `protocol/schema/interfaces.py`, `protocol/facts/cart.py`,
 * `protocol/identity.py`, `protocol/money.py`.
 */
export * from "./cart_hash";
export * from "./identity";
export type * from "./messages";
export * from "./money";
export type * from "./owner";
