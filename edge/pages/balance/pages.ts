/** Pages of a statement put together, in whatever order they come: each movement once, the newest first. Pure. */
import type { BalanceStatement } from "@holdfast/protocol";

/** The newest page with the earlier movements that were fetched before. */
export function withEarlier(fresh: BalanceStatement, shown: BalanceStatement | null): BalanceStatement {
  const last = fresh.rows.at(-1);
  const earlier = shown && last ? shown.rows.filter((row) => row.number < last.number) : [];
  return earlier.length > 0 && shown ? { ...fresh, rows: [...fresh.rows, ...earlier], next: shown.next } : fresh;
}

/** What is shown with a page of earlier movements; one that was asked for twice adds nothing. */
export function withMore(shown: BalanceStatement, page: BalanceStatement): BalanceStatement {
  const last = shown.rows.at(-1);
  const further = page.rows.filter((row) => !last || row.number < last.number);
  return further.length > 0 || page.rows.length === 0 ? { ...shown, rows: [...shown.rows, ...further], next: page.next } : shown;
}
