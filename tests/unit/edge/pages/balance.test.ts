/** Pages of a statement that come in any order, or twice. */
import type { BalanceRow, BalanceStatement } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { withEarlier, withMore } from "../../../../edge/pages/balance/pages";

const row = (number: number): BalanceRow => ({ number, at_ms: 0, kind: "play", amount_minor: -100, balance_minor: 0, place: null });
const page = (next: number | null, balance_minor: number, ...numbers: number[]): BalanceStatement =>
  ({ user_id: "ana", venue: "Venue", currency: "EUR", balance_minor, owed_minor: 0, rows: numbers.map(row), next }) as BalanceStatement;
const numbers = (statement: BalanceStatement): number[] => statement.rows.map((each) => each.number);

test("earlier movements stay when the newest page comes again", () => {
  const shown = withMore(page(3, 700, 5, 4, 3), page(1, 700, 2, 1));
  const fresh = withEarlier(page(4, 600, 6, 5, 4), shown);
  expect([numbers(fresh), fresh.next, fresh.balance_minor]).toEqual([[6, 5, 4, 3, 2, 1], 1, 600]);
});

test("a page that was asked for before a movement came keeps that movement, and what is left of it", () => {
  const shown = withEarlier(page(4, 600, 6, 5, 4), page(3, 700, 5, 4, 3));
  const more = withMore(shown, page(1, 700, 2, 1));
  expect([numbers(more), more.balance_minor, more.next]).toEqual([[6, 5, 4, 3, 2, 1], 600, 1]);
});

test("a page that was asked for twice is shown once", () => {
  const once = withMore(page(3, 700, 5, 4, 3), page(1, 700, 2, 1));
  expect(withMore(once, page(1, 700, 2, 1))).toBe(once);
  expect(withMore(once, page(null, 700)).next).toBeNull();
});
