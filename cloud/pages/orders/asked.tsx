/** Loading, failed, there: the states of everything that is fetched, and of a button that asks for something. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Refused, useTold, Waiting } from "@holdfast/pages";

export const problemOf = (error: unknown): string =>
  error instanceof Refused ? error.message : "No answer. Check the connection and try again.";

export interface Found<T> {
  body: T | null;
  problem: string | null;
  again: () => void;
}

/** What `work` answers; asked again when `key` changes, and on demand. */
export function useFound<T>(key: string, work: () => Promise<T>): Found<T> {
  const { body, error, again } = useTold(key, work);
  return { body, problem: error === null ? null : problemOf(error), again };
}

export function Shown<T>({ of, waiting, children }: { of: Found<T>; waiting: string; children: (body: T) => ComponentChildren }): JSX.Element {
  return (
    <>
      {of.problem !== null && <Problem words={of.problem} onAgain={of.again} />}
      {of.body !== null ? children(of.body) : of.problem === null && <Waiting words={waiting} />}
    </>
  );
}

export function Problem({ words, onAgain }: { words: string; onAgain?: () => void }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>{words}</p>
      {onAgain && <button type="button" class="button" onClick={onAgain}>Try again</button>}
    </div>
  );
}

export interface Act {
  busy: boolean;
  problem: string | null;
  run: (work: () => Promise<unknown>) => void;
}

/** One thing at a time; a second press while the first is under way does nothing. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = (work: () => Promise<unknown>): void => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    work().catch((error: unknown) => setProblem(problemOf(error))).finally(() => setBusy(false));
  };
  return { busy, problem, run };
}
