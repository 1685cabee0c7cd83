/**
 * How long play time still has, by the second and without drift: what the box said, minus what has passed here since.
 *
 * Passed time is counted on the browser's monotonic clock, which nobody can set; a device whose clock is an hour wrong
 * shows the same as the box. Every message from the box begins the count anew. Pure but for `note` and `ticks`.
 */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Counted {
  status: string;
  remaining_seconds: number;
  played_seconds: number;
}

/** When each was heard, on `performance.now()`. They are values: a newer word of the box is another object. */
const heard_at = new WeakMap<Counted, number>();

export function note(told: Counted | null, now_ms = performance.now()): void {
  if (told) heard_at.set(told, now_ms);
}

const since_s = (told: Counted, now_ms: number): number => {
  const at = heard_at.get(told);
  return told.status === "ACTIVE" && at !== undefined ? Math.max(0, (now_ms - at) / 1_000) : 0;
};

/** Seconds left; time stands while a session is paused or waits for its card. */
export function remaining_s(told: Counted, now_ms = performance.now()): number {
  return Math.max(0, told.remaining_seconds - since_s(told, now_ms));
}

/** Seconds played, for what is paid afterwards. */
export function played_s(told: Counted, now_ms = performance.now()): number {
  return told.played_seconds + since_s(told, now_ms);
}

/** 59 → "0:59", 754 → "12:34", 3661 → "1:01:01". A begun second counts, so it ends at zero. */
export function clockface(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The guest is warned at these; so is whoever looks at a grid of stations. */
export const SOON_S = 600;
export const LAST_S = 120;

const EVERY_MS = 250;

/** `performance.now()`, four times a second while somebody looks: no second is skipped, and nothing is set by it. */
export function monotonicTicks(): ReadonlySignal<number> {
  const now_ms = signal(performance.now());
  setInterval(() => {
    if (document.visibilityState === "visible") now_ms.value = performance.now();
  }, EVERY_MS);
  return now_ms;
}
