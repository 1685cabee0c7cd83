/**
 * How long a session still has, by the second and without drift: what the box said, minus what has passed here since.
 *
 * Passed time is counted on the browser's monotonic clock, which nobody can set; a tablet whose clock is an hour wrong
 * shows the same as the box. Every message from the box begins the count anew. Pure but for `note`.
 */
import type { PlaySession, StaffMessage } from "@holdfast/protocol";

/** When each session was heard, on `performance.now()`. Sessions are values: a newer one is another object. */
const heard_at = new WeakMap<PlaySession, number>();

export function note(session: PlaySession | null, now_ms = performance.now()): void {
  if (session) heard_at.set(session, now_ms);
}

/** Remember when the sessions in a message were told. */
export function noteAll(message: StaffMessage, now_ms = performance.now()): void {
  if (message.type === "hello") for (const station of message.stations) note(station.session, now_ms);
  else if ("session" in message) note(message.session, now_ms);
}

const since_s = (session: PlaySession, now_ms: number): number => {
  const at = heard_at.get(session);
  return session.status === "ACTIVE" && at !== undefined ? Math.max(0, (now_ms - at) / 1_000) : 0;
};

/** Seconds left; time stands while a session is paused or waits for its card. */
export function remaining_s(session: PlaySession, now_ms = performance.now()): number {
  return Math.max(0, session.remaining_seconds - since_s(session, now_ms));
}

/** Seconds played, for what is paid afterwards. */
export function played_s(session: PlaySession, now_ms = performance.now()): number {
  return session.played_seconds + since_s(session, now_ms);
}

/** 59 → "0:59", 754 → "12:34", 3661 → "1:01:01". A begun second counts, so it ends at zero. */
export function clockface(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
