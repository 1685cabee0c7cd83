/** Which days a report is about. Rule of the file: pure; days are `2026-03-31` and the reader's own. */
export interface Days { first: string; last: string }

export const SPANS = [
  { key: "today", words: "Today" },
  { key: "yesterday", words: "Yesterday" },
  { key: "7", words: "7 days" },
  { key: "30", words: "30 days" },
  { key: "90", words: "90 days" },
] as const;

export type SpanKey = (typeof SPANS)[number]["key"];

export function daysOf(key: SpanKey, now: Date): Days {
  if (key === "today") return { first: dayText(now, 0), last: dayText(now, 0) };
  if (key === "yesterday") return { first: dayText(now, -1), last: dayText(now, -1) };
  return { first: dayText(now, 1 - Number(key)), last: dayText(now, 0) };
}

/** The day `days` after that of `now`. Noon, so that no change of the clocks leads into another day. */
export function dayText(now: Date, days: number): string {
  const noon = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12);
  return `${noon.getFullYear()}-${two(noon.getMonth() + 1)}-${two(noon.getDate())}`;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** Every day from the first to the last. */
export function eachDay({ first, last }: Days): string[] {
  const found: string[] = [];
  const [year = 1970, month = 1, day = 1] = first.split("-").map(Number);
  for (let step = 0; found.at(-1) !== last && step < 400; step += 1) found.push(dayText(new Date(year, month - 1, day, 12), step));
  return found;
}

/** How often each weekday, Monday first, is among the days. */
export function weekdays(days: Days): number[] {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const day of eachDay(days)) {
    const [year = 1970, month = 1, date = 1] = day.split("-").map(Number);
    const place = (new Date(year, month - 1, date, 12).getDay() + 6) % 7;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
