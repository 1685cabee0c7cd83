/**
 * Asking the box for something in the name of whoever is signed in.
 *
 * Rule of the file: what changes something carries a `mid` and is repeated under it while nobody can tell whether it was
 * done; the box does it once. Money is asked for until there is an answer, however long that takes; anything else until
 * patience ends, and then the person is told that nobody knows.
 * Counterparts: `edge/web/counter.py` and the desks beside it.
 */
import { signal } from "@preact/signals";
import { uuid7 } from "@holdfast/protocol";
import { ask, Refused, Unreachable, type Tone } from "@holdfast/pages";
import type { Person } from "./person";

export interface Notice {
  tone: Tone;
  words: string;
}

export interface Insist {
  method?: "POST" | "PUT";
  /** Milliseconds after which it is given up; `Infinity` for money. */
  patience_ms?: number;
  /** Told that nobody answers and it is being asked again. */
  onDoubt?: () => void;
  mid?: string;
  /** How long one answer may take; devices need longer than the box itself. */
  timeout_ms?: number;
}

const PATIENCE_MS = 20_000;
const AGAIN_MS = 1_200;
const WORN: ReadonlySet<string> = new Set(["token_invalid", "token_expired", "unauthenticated"]);

export class Desk {
  readonly notice = signal<Notice | null>(null);

  constructor(
    readonly me: Person,
    private readonly onWorn: () => void,
    /** Sign out. */
    readonly leave: () => void = onWorn,
  ) {}

  /** Raises `Refused` or `Unreachable`. */
  async get<T>(path: string): Promise<T> {
    return this.once<T>("GET", path, undefined);
  }

  /** One request that may be repeated without harm by itself. Raises `Refused` or `Unreachable`. */
  async send<T>(path: string, body: object = {}, method: "POST" | "PUT" = "POST", timeout_ms?: number): Promise<T> {
    return this.once<T>(method, path, body, timeout_ms);
  }

  /** Take something away; the box refuses what is gone already. Raises `Refused` or `Unreachable`. */
  async drop<T>(path: string): Promise<T> {
    return this.once<T>("DELETE", path, undefined);
  }

  /** The same request, under one `mid`, until the box has answered it. Raises `Refused` or `Unreachable`. */
  async insist<T>(path: string, body: object, options: Insist = {}): Promise<T> {
    const { method = "POST", patience_ms = PATIENCE_MS, onDoubt, mid = uuid7(), timeout_ms } = options;
    const until_ms = performance.now() + patience_ms;
    for (;;) {
      try {
        return await this.once<T>(method, path, { ...body, mid }, timeout_ms);
      } catch (error) {
        if (error instanceof Refused && !isPassing(error)) throw error;
        if (performance.now() > until_ms) throw error;
        onDoubt?.();
        await rest(AGAIN_MS);
      }
    }
  }

  /** Do it and say so if it goes wrong; true when it was done. For buttons. */
  async attempt(what: () => Promise<unknown>): Promise<boolean> {
    try {
      await what();
      return true;
    } catch (error) {
      this.notice.value = { tone: "bad", words: wordsFor(error) };
      return false;
    }
  }

  say(words: string, tone: Tone = "good"): void {
    this.notice.value = { tone, words };
  }

  private async once<T>(method: string, path: string, body: object | undefined, timeout_ms?: number): Promise<T> {
    const given = { ...(body === undefined ? {} : { body }), ...(timeout_ms === undefined ? {} : { timeout_ms }) };
    try {
      const answer = await ask<T>(method, path, { token: this.me.token, ...given });
      return answer.body;
    } catch (error) {
      if (error instanceof Refused && WORN.has(error.code)) this.onWorn();
      throw error;
    }
  }
}

/** The box is there and cannot just now: the same request may go well in a moment. */
const isPassing = (error: Refused): boolean => error.code === "storage_failed" || error.code.startsWith("http_5");

const rest = (delay_ms: number): Promise<void> => new Promise((done) => setTimeout(done, delay_ms));

/** What a person can do about it. */
export function wordsFor(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if (error instanceof Unreachable) return "The box does not answer. Nobody knows whether this was done; look before you do it again.";
  return "Something went wrong on this page. Load it again.";
}
