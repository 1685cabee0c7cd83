/**
 * What the service has said last, where it is told in more than one way: answers to questions, and news that comes by itself.
 *
 *     question ─────────────> answer            taken
 *     question ──> news ────> answer            laid under the news, and asked again
 *     action ────> news ────> its answer        not believed; asked instead
 *
 * Answers travel on other roads than news and may be overtaken. One question is out at a time, so no two answers can change
 * places; whoever asks meanwhile is answered by the next. News comes in the order in which it happened, so laid over an
 * answer it is right however old that is; asking again is for what was not in the news, and ends after a few times. An
 * error leaves standing what is shown; whoever is told of nothing else has it asked again, ever more rarely, and only while
 * somebody looks. Counterparts: `http.ts`, whose every question ends; `pauses.ts`.
 */
import { batch } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { isPassing, Refused } from "./http";
import { afterPause, Pauses } from "./pauses";

type Change = () => void;

/** So often in a row an answer that was overtaken is asked for again. */
const MOST_AGAIN = 3;
/** With the spread half a minute at most. */
const LONGEST_PAUSE_MS = 20_000;
const SPREAD = 0.5;
/** Longer is not waited because somebody said so: a portal between page and service may say anything. */
const MOST_TOLD_S = 300;

export class LastWord<T> {
  /** The round of questions that counts; null while nothing is out. */
  private round: object | null = null;
  /** Those who are answered by the question that is out. */
  private asked: Change[] = [];
  /** Those who want an answer to a question that was asked after they came. */
  private waiting: Change[] = [];
  /** What was heard since the question that is out was asked. */
  private news: Change[] = [];
  /** How often anything was taken. */
  private words = 0;
  private life = {};
  private closed = false;
  private readonly pauses: Pauses | null;
  /** Forgets the next try. */
  private forget: Change = () => undefined;

  /** With `retry_ms` what nobody answered, or not just now, is asked again: after so long at first, then more rarely. */
  constructor(
    private readonly question: () => Promise<T>,
    private readonly take: (told: T) => void,
    private readonly failed: (error: unknown) => void = () => undefined,
    retry_ms: number | null = null,
  ) {
    this.pauses = retry_ms === null ? null : new Pauses(retry_ms, LONGEST_PAUSE_MS, SPREAD);
  }

  /**
   * Ask how it stands. Resolves once a question that was asked from now on is answered, or failed, or nobody wants to know
   * any more; raises nothing.
   */
  ask(): Promise<void> {
    if (this.closed) return Promise.resolve();
    const answered = new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.round === null) {
      const round = {};
      this.round = round;
      void this.goOn(round);
    }
    return answered;
  }

  /** It came by itself: `change` is made at once, and once more on top of an answer that may be older. */
  heard(change: Change): void {
    this.words += 1;
    if (this.round !== null) this.news.push(change);
    change();
  }

  /** An action whose answer says how it stands then. Raises what it raises; its answer is handed back in any case. */
  async after<R>(action: () => Promise<R>, take: (answer: R) => void): Promise<R> {
    const { words, life } = this;
    const answer = await action();
    if (life !== this.life) return answer;
    if (words === this.words) this.heard(() => take(answer));
    else void this.ask();
    return answer;
  }

  /** It is about something else from now on: whatever is on its way does not count any more. */
  drop(): void {
    this.forget();
    this.pauses?.restart();
    this.life = {};
    this.round = null;
    this.news = [];
    this.release([...this.asked.splice(0), ...this.waiting.splice(0)]);
  }

  /** Nobody looks at it any more, for ever: nothing is asked from now on, whoever asks. */
  close(): void {
    this.closed = true;
    this.drop();
  }

  private async goOn(round: object): Promise<void> {
    for (let again = 0; this.round === round && (this.waiting.length > 0 || again > 0);) {
      this.asked = this.waiting.splice(0);
      const overtaken = await this.once(round);
      // Whoever waited was let go when this round was dropped; those who are kept now are of another.
      if (this.round !== round) return;
      again = overtaken && again < MOST_AGAIN ? again + 1 : 0;
      this.release(this.asked.splice(0));
    }
    if (this.round === round) this.round = null;
  }

  /** One question; true when news came before its answer. */
  private async once(round: object): Promise<boolean> {
    const news: Change[] = [];
    this.news = news;
    this.forget();
    try {
      const told = await this.question();
      if (this.round !== round) return false;
      this.words += 1;
      batch(() => {
        this.take(told);
        for (const change of news) change();
      });
      this.pauses?.restart();
      return news.length > 0;
    } catch (error) {
      if (this.round === round) this.fail(error);
      return false;
    }
  }

  private fail(error: unknown): void {
    if (isPassing(error)) this.later(error);
    else this.pauses?.restart();
    try {
      this.failed(error);
    } catch (worse) {
      // Whoever cannot say so is no reason never to ask again.
      console.error(worse);
    }
  }

  /** Ask again, not before whoever refused it would have it. */
  private later(error: unknown): void {
    if (this.pauses === null) return;
    const told_s = error instanceof Refused ? Math.min(error.retry_after_s ?? 0, MOST_TOLD_S) : 0;
    this.forget = afterPause(told_s * 1_000 + this.pauses.next(), () => void this.ask(), told_s === 0);
  }

  private release(waiting: Change[]): void {
    for (const resolve of waiting) resolve();
  }
}

/** The last word for as long as `about` stays the same; with it, or with the component, it is closed. */
export function useLastWord<T>(make: () => LastWord<T>, about: readonly unknown[]): LastWord<T> {
  const word = useMemo(make, about);
  useEffect(() => () => word.close(), [word]);
  return word;
}
