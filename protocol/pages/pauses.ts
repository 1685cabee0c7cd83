/**
 * How long a page waits before it tries again what went wrong.
 *
 *     2 s ──> 4 s ──> 8 s ──> ... the longest      each by chance somewhat shorter or longer
 *
 * Whatever is too slow for a hundred phones is not helped by a hundred phones that ask more often, nor by all of them in the
 * same instant. Nobody looks at a page in a pocket, so it tries nothing; whoever takes it out does not wait for a clock.
 * Counterparts: `live.ts` and `last_word.ts`, which try again.
 */
export class Pauses {
  private next_ms: number;

  /** Doubling from `first_ms` to `longest_ms`, each shorter or longer by up to `spread`, a part of one. */
  constructor(
    private readonly first_ms: number,
    private readonly longest_ms: number,
    private readonly spread: number,
  ) {
    this.next_ms = first_ms;
  }

  /** How long to wait this time, in milliseconds. */
  next(): number {
    const pause_ms = this.next_ms * (1 + this.spread * (2 * Math.random() - 1));
    this.next_ms = Math.min(this.next_ms * 2, this.longest_ms);
    return pause_ms;
  }

  /** It went well. */
  restart(): void {
    this.next_ms = this.first_ms;
  }
}

/**
 * Does `then` once after `pause_ms`; while nobody looks at the page not before somebody does. Call the answer to forget it.
 *
 * With `hurries` a page that is looked at again, or that found a network, does not wait for the rest of the pause.
 */
export function afterPause(pause_ms: number, then: () => void, hurries: boolean): () => void {
  let due = hurries;
  const look = (): void => {
    if (!due || document.visibilityState === "hidden") return;
    forget();
    then();
  };
  const timer = setTimeout(() => {
    due = true;
    look();
  }, pause_ms);
  const forget = (): void => {
    clearTimeout(timer);
    removeEventListener("online", look);
    removeEventListener("pageshow", look);
    document.removeEventListener("visibilitychange", look);
  };
  addEventListener("online", look);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", look);
  return forget;
}
