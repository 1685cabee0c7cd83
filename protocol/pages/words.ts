/** Time as people say it. Ages are in whole seconds; a clock that runs ahead never shows a negative age. */
import { signal, type ReadonlySignal } from "@preact/signals";

/** 42 → "42 s", 250 → "4 min", 8000 → "2 h 13 min", 200000 → "2 days". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} days`;
}

/** 245 → "4:05", for ages that are watched by the second. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}

export function clockTime(when: string | number): string {
  return new Date(when).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** "1 item", "3 items". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Milliseconds since the epoch, ticking once a second while the page is looked at. */
export function ticking(): ReadonlySignal<number> {
  const now = signal(Date.now());
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now();
  }, 1_000);
  return now;
}
