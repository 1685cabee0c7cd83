/**
 * A list that is fetched page by page, the newest first: its first page anew on demand, earlier ones at the press of a button.
 *
 * Rule of the file: an earlier page counts only for the list that it was asked for; a list that began anew is not mixed
 * with what was asked before. Counterpart: `protocol/pages/last_word.ts`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { LastWord, useLastWord } from "@holdfast/pages";
import { useAct } from "./act";
import type { Fleet } from "./fleet";
import { problemOf, Trouble } from "./states";

export interface Page {
  /** What to ask for the page after this one; null where there is none. */
  next: string | number | null;
}

export interface Paged<Row> {
  /** Null until the first page. */
  rows: Row[] | null;
  /** Whether there are earlier ones. */
  further: boolean;
  problem: string | null;
  /** Earlier ones are on their way. */
  busy: boolean;
  again: () => void;
  more: () => void;
}

/** The list at `path`, whose pages have their rows where `rowsOf` finds them; another list for another path. */
export function usePaged<T extends Page, Row>(fleet: Fleet, path: string, rowsOf: (page: T) => Row[]): Paged<Row> {
  const rows = useSignal<Row[] | null>(null);
  const next = useSignal<Page["next"]>(null);
  const problem = useSignal<string | null>(null);
  const act = useAct();
  const take = (page: T): void => {
    [rows.value, next.value, problem.value] = [rowsOf(page), page.next, null];
  };
  const word = useLastWord(() => new LastWord(() => fleet.ask<T>("GET", path), take, (error) => (problem.value = problemOf(error))), [path]);
  useEffect(() => {
    [rows.value, next.value] = [null, null];
    void word.ask();
  }, [word]);
  const more = (): void => act.run(async () => {
    const from = next.value;
    if (from === null) return;
    const page = await fleet.ask<T>("GET", `${path}?before=${encodeURIComponent(from)}`);
    if (next.value === from) [rows.value, next.value] = [[...(rows.value ?? []), ...rowsOf(page)], page.next];
  });
  return {
    rows: rows.value, further: next.value !== null, problem: problem.value ?? act.problem, busy: act.busy,
    again: () => (problem.value === null && act.problem !== null ? more() : void word.ask()), more,
  };
}

/** What is wrong with a list, above it, and the button for earlier ones, below it. */
export const PagedTrouble = ({ of }: { of: Paged<unknown> }): JSX.Element | null => (of.problem === null ? null : <Trouble words={of.problem} onAgain={of.again} />);

export const Earlier = ({ of }: { of: Paged<unknown> }): JSX.Element | null =>
  of.further ? <button type="button" class="button wide" disabled={of.busy} onClick={of.more}>Show earlier ones</button> : null;
