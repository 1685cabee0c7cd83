/**
 * Days as people choose them: `2026-11-21`, the venue's own, so no time zone may move one.
 *
 * Rule of the file: only days between the first and the last are asked for. A browser's field for dates takes years of one
 * digit, as they are typed, and of six. Counterpart: `day_field.tsx`.
 */
export const FIRST_DAY = "2000-01-01";
export const LAST_DAY = "2199-12-31";
const DAY_MS = 86_400_000;

/** The day so many days later; the day itself where that one is out of reach, or is none. */
export function later(date: string, days: number): string {
  const at_ms = Date.parse(`${date}T00:00:00Z`) + days * DAY_MS;
  const within = at_ms >= Date.parse(FIRST_DAY) && at_ms <= Date.parse(LAST_DAY);
  return within ? new Date(at_ms).toISOString().slice(0, 10) : date;
}
