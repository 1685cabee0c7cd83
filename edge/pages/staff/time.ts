/** The tablet's clock, ticking once a second while somebody looks. Ages are counted on the box's: add its `skew_ms`. */
import { ticking } from "@holdfast/pages";

export const clock = ticking();
