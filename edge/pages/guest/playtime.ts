/**
 * What this table plays on, and how long still: from the socket as it happens, fetched anew with every snapshot.
 *
 * Rule of the file: the box counts; the phone only shows. Counterparts: `edge/web/guests/play.py`,
 * `protocol/pages/countdown.ts`.
 */
import { effect, signal, untracked } from "@preact/signals";
import type { PlayTime, PlayTimeMessage, PlayTimes } from "@holdfast/protocol";
import { ask, note, Refused, span } from "@holdfast/pages";
import type { Notice, Table } from "./table";

export class Playing {
  readonly sessions = signal<PlayTime[]>([]);

  constructor(private readonly table: Table) {
    effect(() => {
      if (table.adopted.value > 0) untracked(() => void this.fetch());
    });
    effect(() => {
      if (!table.me.value) this.sessions.value = [];
    });
    table.onPlay = (message) => this.heard(message);
  }

  /** Ask the staff to come and add time. */
  async call(session: PlayTime): Promise<void> {
    const me = this.table.me.value;
    if (!me) return;
    try {
      const body = { session_pid: me.session_pid, play_session_id: session.play_session_id };
      this.take((await ask<PlayTimes>("POST", "/play_time/call", { token: me.ws_token, body })).body.sessions);
      this.table.notice.value = { tone: "good", words: "The staff knows. Somebody will come to you." };
    } catch (error) {
      const words = error instanceof Refused ? error.message : "The box does not answer; please ask at the counter.";
      this.table.notice.value = { tone: "warn", words };
    }
  }

  private async fetch(): Promise<void> {
    const me = this.table.me.value;
    if (!me) return;
    try {
      const path = `/play_time?session_pid=${encodeURIComponent(me.session_pid)}`;
      this.take((await ask<PlayTimes>("GET", path, { token: me.ws_token })).body.sessions);
    } catch {
      // What is shown counts on; the next snapshot asks again.
    }
  }

  private take(sessions: PlayTime[]): void {
    for (const session of sessions) note(session);
    this.sessions.value = sessions;
  }

  private heard(message: PlayTimeMessage): void {
    this.take(message.sessions);
    const notice = noticeOf(message);
    if (notice) this.table.notice.value = notice;
  }
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
