/**
 * What this table plays on, and how long still: from the socket as it happens, fetched anew with every snapshot.
 *
 * Rule of the file: the box counts; the phone only shows. Counterparts: `edge/web/guests/play.py`,
 * `protocol/pages/countdown.ts`.
 */
import { effect, signal, untracked } from "@preact/signals";
import type { PlayTime, PlayTimeMessage, PlayTimes } from "@holdfast/protocol";
import { ask, LastWord, note, Refused, span, type Answer } from "@holdfast/pages";
import type { Notice, Table } from "./table";

const AGAIN_MS = 3_000;

export class Playing {
  readonly sessions = signal<PlayTime[]>([]);
  /** What is shown counts on where nobody answers. */
  private readonly word = new LastWord(() => this.fetch(), (sessions) => this.take(sessions), undefined, AGAIN_MS);

  constructor(private readonly table: Table) {
    effect(() => {
      if (table.adopted.value > 0) untracked(() => void this.word.ask());
    });
    effect(() => {
      if (table.me.value) return;
      this.word.drop();
      this.sessions.value = [];
    });
    table.onPlay = (message) => this.heard(message);
  }

  /** Ask the staff to come and add time. */
  async call(session: PlayTime): Promise<void> {
    const me = this.table.me.value;
    if (!me) return;
    try {
      const body = { session_pid: me.session_pid, play_session_id: session.play_session_id };
      const call = (): Promise<PlayTime[]> => told(ask<PlayTimes>("POST", "/play_time/call", { token: me.ws_token, body }));
      await this.word.after(call, (sessions) => this.take(sessions));
      this.table.notice.value = { tone: "good", words: "The staff knows. Somebody will come to you." };
    } catch (error) {
      const words = error instanceof Refused ? error.message : "The box does not answer; please ask at the counter.";
      this.table.notice.value = { tone: "warn", words };
    }
  }

  private async fetch(): Promise<PlayTime[]> {
    const me = this.table.me.value;
    if (!me) return [];
    return told(ask<PlayTimes>("GET", `/play_time?session_pid=${encodeURIComponent(me.session_pid)}`, { token: me.ws_token }));
  }

  private take(sessions: PlayTime[]): void {
    this.sessions.value = sessions;
  }

  private heard(message: PlayTimeMessage): void {
    for (const session of message.sessions) note(session);
    this.word.heard(() => this.take(message.sessions));
    const notice = noticeOf(message);
    if (notice) this.table.notice.value = notice;
  }
}

/** The sessions of an answer, whose time counts from here on. */
async function told(answer: Promise<Answer<PlayTimes>>): Promise<PlayTime[]> {
  const { sessions } = (await answer).body;
  for (const session of sessions) note(session);
  return sessions;
}

/** What a guest is told when something happens to their time; null for what speaks for itself. */
export function noticeOf({ happened, station, seconds }: PlayTimeMessage): Notice | null {
  switch (happened) {
    case "started":
      return { tone: "good", words: `Time runs on ${station}. Have fun!` };
    case "extended":
      return { tone: "good", words: `Time added! ${span(seconds)} more on ${station}.` };
    case "warning":
      return { tone: "warn", words: `${span(seconds)} left on ${station}.` };
    case "expired":
      return { tone: "warn", words: `Time is up on ${station}.` };
    case "stopped":
      return { tone: "calm", words: `${station} was stopped.` };
    default:
      return null;
  }
}
