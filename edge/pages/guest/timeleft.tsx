/** The strip above the menu of whoever plays: the time left, large; more of it is one tap and a person away. */
import type { JSX } from "preact";
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { formatMoney, type PlayTime } from "@holdfast/protocol";
import { clockface, LAST_S, monotonicTicks, played_s, remaining_s, SOON_S } from "@holdfast/pages";
import type { Playing } from "./playtime";

const ticks = monotonicTicks();

export function TimeLeft({ playing }: { playing: Playing }): JSX.Element | null {
  const sessions = playing.sessions.value;
  if (sessions.length === 0) return null;
  return (
    <section class="playing" aria-label="Play time">
      {sessions.map((session) => <Left key={session.play_session_id} session={session} playing={playing} now={ticks} />)}
    </section>
  );
}

function urgencyOf(session: PlayTime, left_s: number): "calm" | "soon" | "last" | "paused" {
  if (session.status === "PAUSED") return "paused";
  if (session.postpaid) return "calm";
  return left_s <= LAST_S ? "last" : left_s <= SOON_S ? "soon" : "calm";
}

function Left({ session, playing, now }: { session: PlayTime; playing: Playing; now: ReadonlySignal<number> }): JSX.Element {
  const busy = useSignal(false);
  const left_s = remaining_s(session, now.value);
  const urgency = urgencyOf(session, left_s);
  const call = async (): Promise<void> => {
    busy.value = true;
    await playing.call(session);
    busy.value = false;
  };
  return (
    <div class="time-left" data-urgency={urgency}>
      <span class="time-words">
        <span class="time-station">{session.station}</span>
        <strong class="time-face number" role="timer">{clockface(session.postpaid ? played_s(session, now.value) : left_s)}</strong>
        <span class="time-more">{wordsOf(session, urgency)}</span>
      </span>
      {session.called
        ? <span class="time-called" role="status">Staff is called</span>
        : <button type="button" class="button time-call" disabled={busy.value} onClick={() => void call()}>{session.postpaid ? "Call staff" : "More time"}</button>}
    </div>
  );
}

function wordsOf(session: PlayTime, urgency: string): string {
  if (urgency === "paused") return "paused";
  if (session.postpaid) return `played, ${formatMoney(session.due_minor, session.currency)} so far`;
  return urgency === "last" ? "left. Save your game!" : "left";
}
