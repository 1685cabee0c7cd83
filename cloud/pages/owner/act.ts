/**
 * One change at the press of a button: busy while it is under way, its refusal in words, and what is done after it.
 *
 * A second press while the first is under way does nothing.
 */
import { useState } from "preact/hooks";
import { problemOf } from "./states";

export interface Act {
  busy: boolean;
  problem: string | null;
  run: (work: () => Promise<void>) => void;
  forget: () => void;
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = (work: () => Promise<void>): void => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    work().catch((error: unknown) => setProblem(problemOf(error))).finally(() => setBusy(false));
  };
  return { busy, problem, run, forget: () => setProblem(null) };
}
