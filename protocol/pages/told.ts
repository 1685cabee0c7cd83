/**
 * What a question was answered with, as a component shows it: nothing yet, the answer, or what went wrong.
 *
 * Asked as soon as there is somebody to show it to, and again on demand; however slow the service is and however often it
 * is asked, each answer is shown. Counterpart: `last_word.ts`.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { LastWord, useLastWord } from "./last_word";

export interface Told<T> {
  /** Null until the first answer. What was there stays while it is asked for again, and when that fails. */
  body: T | null;
  /** What was raised instead of the last answer; null where nothing was. */
  error: unknown;
  again: () => void;
}

/**
 * What `question` answers; another question for another `key`. A null key asks nothing.
 *
 * With `retry_ms` it is asked again after so long where nobody answered, or not just now: for what nothing can be done
 * without.
 */
export function useTold<T>(key: string | null, question: () => Promise<T>, retry_ms: number | null = null): Told<T> {
  const [told, setTold] = useState<{ key: string | null; body: T | null; error: unknown }>({ key, body: null, error: null });
  const take = (body: T): void => setTold({ key, body, error: null });
  const failed = (error: unknown): void => setTold((before) => ({ key, body: before.key === key ? before.body : null, error }));
  const word = useLastWord(() => new LastWord(question, take, failed, retry_ms), [key]);
  /** For clocks that were set before the key was another. */
  const latest = useRef(word);
  latest.current = word;
  const asks = useRef(key !== null);
  asks.current = key !== null;
  const again = (): void => {
    if (asks.current) void latest.current.ask();
  };
  useEffect(again, [word]);
  const current = told.key === key;
  return { body: current ? told.body : null, error: current ? told.error : null, again };
}
