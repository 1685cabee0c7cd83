/** The one ticking of the stations' screens. */
import { monotonicTicks } from "@holdfast/pages";

export const ticks = monotonicTicks();
