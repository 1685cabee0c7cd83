/** Days that people choose stay days that can be asked for, whatever a browser's field lets them type. */
import { LAST_DAY, later } from "@holdfast/pages";
import { expect, test } from "vitest";
import { dayWords } from "../../../../cloud/pages/owner/bookings/words";

test("the day before and after, over the ends of months, years and summer time", () => {
  expect([later("2026-03-28", 1), later("2026-03-29", 1), later("2024-02-28", 1)]).toEqual(["2026-03-29", "2026-03-30", "2024-02-29"]);
  expect([later("2027-01-01", -1), later("2026-11-21", 0)]).toEqual(["2026-12-31", "2026-11-21"]);
});

test("nobody gets beyond the first and the last day", () => {
  expect([later(LAST_DAY, 1), later("2000-01-01", -1)]).toEqual([LAST_DAY, "2000-01-01"]);
});

test("what is no day, or none that is asked for, is left as it is", () => {
  for (const odd of ["", "20000-01-01", "275760-09-13", "0002-11-21", "2026-02-31x", "soon"]) {
    expect([odd, later(odd, 1), later(odd, -1)]).toEqual([odd, odd, odd]);
  }
  expect([dayWords("20000-01-01"), dayWords("")]).toEqual(["20000-01-01", ""]);
});
