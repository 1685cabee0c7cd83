/**
 * A list that is fetched page by page, as it is drawn: what is wrong with it above, the button for earlier ones below.
 *
 * Rule of the file: trying again what failed is one thing, fetching the newest anew another. Counterpart: `paging.ts`.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Fleet } from "./fleet";
import { Pages, type Page } from "./paging";
import { Trouble } from "./states";

export interface Paged<Row> {
  /** Null until the first page. */
  rows: Row[] | null;
  /** Whether there are earlier ones. */
  further: boolean;
  problem: string | null;
  /** Earlier ones are on their way. */
  busy: boolean;
  /** The newest ones, anew. */
  again: () => void;
  /** What went wrong, once more. */
  retry: () => void;
  more: () => void;
}

/** The list at `path`, whose pages have their rows where `rowsOf` finds them; another list for another path. */
export function usePaged<T extends Page, Row>(fleet: Fleet, path: string, rowsOf: (page: T) => Row[]): Paged<Row> {
  const pages = useMemo(() => new Pages(fleet, path, rowsOf), [fleet, path]);
  useEffect(() => {
    pages.again();
    return () => pages.drop();
  }, [pages]);
  return {
    rows: pages.rows.value, further: pages.next.value !== null, problem: pages.problem.value, busy: pages.busy.value,
    again: () => pages.again(), retry: () => pages.retry(), more: () => void pages.more(),
  };
}

/** What is wrong with a list, above it, and the button for earlier ones, below it. */
export const PagedTrouble = ({ of }: { of: Paged<unknown> }): JSX.Element | null => (of.problem === null ? null : <Trouble words={of.problem} onAgain={of.retry} />);

export const Earlier = ({ of }: { of: Paged<unknown> }): JSX.Element | null =>
  of.further ? <button type="button" class="button wide" disabled={of.busy} onClick={of.more}>Show earlier ones</button> : null;
