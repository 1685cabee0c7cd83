/**
 * What the pages and the services say to each other, as TypeScript.
 *
 * `messages.ts` holds shapes only; beside it stand the few rules that both sides must compute alike: the cart's hash,
 * ids and money. Counterparts: `protocol/table.py`, `protocol/facts/cart.py`, `protocol/identity.py`, `protocol/money.py`.
 */
export * from "./cart_hash";
export * from "./identity";
export type * from "./messages";
export * from "./money";
