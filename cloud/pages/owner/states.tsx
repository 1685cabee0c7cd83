/**
 * The states that every list and form of the dashboard has besides having something: loading, failed, empty.
 *
 * `useAsked` asks the cloud once and again on demand; `Asked` shows what came of it.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Refused, useTold, Waiting } from "@holdfast/pages";
import type { OwnerNews } from "@holdfast/protocol";
import type { Fleet } from "./fleet";

export function Trouble({ words, onAgain }: { words: string; onAgain?: () => void }): JSX.Element {
  return (
    <div class="trouble" role="alert">
      <p>{words}</p>
      {onAgain && <button type="button" class="button" onClick={onAgain}>Try again</button>}
    </div>
  );
}

/** What to say of a request that failed: the cloud's own sentence, or that nobody answered. */
export const problemOf = (error: unknown): string =>
  error instanceof Refused ? error.message : "The cloud does not answer. Check the connection and try again.";

export interface Answered<T> {
  /** Null until the first answer. What was there stays while it is asked for again. */
  body: T | null;
  problem: string | null;
  again: () => void;
}

/** The answer of `GET path`; asked again when the path changes. A null path asks nothing. */
export function useAsked<T>(fleet: Fleet, path: string | null): Answered<T> {
  const { body, error, again } = useTold<T>(path, () => fleet.ask<T>("GET", path ?? ""));
  return { body, problem: error === null ? null : problemOf(error), again };
}

/** As `useAsked`, asked again when the cloud has news of it, and every `every_ms` where a number is given. */
export function useFresh<T>(fleet: Fleet, path: string, about: OwnerNews, every_ms: number | null = null): Answered<T> {
  const asked = useAsked<T>(fleet, path);
  const turn = fleet.news.value[about] ?? 0;
  useEffect(() => {
    if (turn > 0) asked.again();
  }, [turn]);
  useEffect(() => {
    if (every_ms === null) return;
    const clock = setInterval(() => asked.again(), every_ms);
    return () => clearInterval(clock);
  }, [every_ms]);
  return asked;
}

/** How the things of a venue are, asked again whenever its box has told of them. */
export function useHealth<T>(fleet: Fleet, venue_id: string): Answered<T> {
  const asked = useAsked<T>(fleet, `/api/venues/${encodeURIComponent(venue_id)}/health`);
  const turn = fleet.health.value[venue_id] ?? 0;
  useEffect(() => {
    if (turn > 0) asked.again();
  }, [turn]);
  return asked;
}

const SOON_MS = 400;
const LATER_MS = 15_000;

/** What follows from a venue's facts: asked again soon after some came in, together, and now and then anyway. */
export function useFacts<T>(fleet: Fleet, path: string | null, venue_id: string): Answered<T> {
  const asked = useAsked<T>(fleet, path);
  const due = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const turn = fleet.facts.value[venue_id] ?? 0;
  useEffect(() => {
    if (turn === 0 || due.current !== undefined) return;
    due.current = setTimeout(() => {
      due.current = undefined;
      asked.again();
    }, SOON_MS);
  }, [turn]);
  useEffect(() => {
    const clock = setInterval(() => asked.again(), LATER_MS);
    return () => {
      clearInterval(clock);
      clearTimeout(due.current);
      due.current = undefined;
    };
  }, [path]);
  return asked;
}

export interface AskedProps<T> {
  of: Answered<T>;
  waiting: string;
  children: (body: T) => ComponentChildren;
}

/** Loading, failed, or what `children` makes of the answer; an answer that has aged stays under the bad news. */
export function Asked<T>({ of, waiting, children }: AskedProps<T>): JSX.Element {
  return (
    <>
      {of.problem !== null && <Trouble words={of.problem} onAgain={of.again} />}
      {of.body !== null ? children(of.body) : of.problem === null && <Waiting words={waiting} />}
    </>
  );
}
