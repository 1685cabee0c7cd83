/** The tablet's clock, ticking once a second while somebody looks. Ages are counted on the box's: add its `skew_ms`. */
import { span, ticking } from "@holdfast/pages";

export const clock = ticking();

/** How long something has been so; nobody counts the first minute. */
export function since(when: string | number, skew_ms: number): string {
  const age_s = (clock.value + skew_ms - new Date(when).getTime()) / 1_000;
  return age_s < 60 ? "just now" : span(age_s);
}
