/** Reports: which days, which hours, what share. */
import { expect, test } from "vitest";
import { currenciesOf, dayBars, hourBars, shares, totals } from "../../../../cloud/pages/owner/reports/figures";
import type { Report } from "../../../../cloud/pages/owner/reports/shapes";
import { daysOf, eachDay, weekdays } from "../../../../cloud/pages/owner/reports/span";

const NOW = new Date(2026, 2, 31, 9, 30);
const sold = (bucket: string, orders: number, total_minor: number, currency = "EUR") => ({ currency, bucket, orders, total_minor });
const REPORT: Report = {
  by_hour: [sold("9", 1, 500), sold("12", 2, 3000)],
  by_day: [sold("2026-03-30", 1, 500), sold("2026-03-31", 2, 3000), sold("2026-03-31", 1, 9000, "JPY")],
  by_item: [],
  by_staff: [{ currency: "EUR", person: "ana", payments: 3, amount_minor: 3500, tip_minor: 200, refunded_minor: 100 }],
  stations: { places: 2, use: [{ weekday: 1, hour: 20, minutes: 60 }, { weekday: 2, hour: 20, minutes: 500 }] },
  tables: { places: 0, use: [] },
  outages: [],
  left_behind: [],
};

test("spans end today and are as long as they say, across a change of the clocks", () => {
  expect(daysOf("today", NOW)).toEqual({ first: "2026-03-31", last: "2026-03-31" });
  expect(daysOf("yesterday", NOW)).toEqual({ first: "2026-03-30", last: "2026-03-30" });
  expect(eachDay(daysOf("30", NOW))).toHaveLength(30);
  expect(daysOf("30", NOW).first).toBe("2026-03-02");
  expect(weekdays(daysOf("7", NOW))).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(weekdays(daysOf("today", NOW))).toEqual([0, 1, 0, 0, 0, 0, 0]);
});

test("no hour and no day in between is left out", () => {
  expect(hourBars([...REPORT.by_hour, sold("16", 1, 700)]).map(({ label, value }) => [label, value])).toEqual([
    ["9", 500], ["10", 0], ["11", 0], ["12", 3000], ["13", 0], ["14", 0], ["15", 0], ["16", 700],
  ]);
  expect(dayBars(REPORT.by_day, { first: "2026-03-29", last: "2026-03-31" }).map(({ orders }) => orders)).toEqual([0, 1, 2]);
  expect(hourBars([])).toEqual([]);
});

test.each([["0", "0", "7"], ["23", "16", "23"], ["12", "8", "15"]])("few hours get company: %s", (only, first, last) => {
  const labels = hourBars([sold(only, 1, 100)]).map(({ label }) => label);
  expect([labels.length, labels[0], labels.at(-1)]).toEqual([8, first, last]);
});

test("currencies are never added together", () => {
  expect(currenciesOf(REPORT)).toEqual(["JPY", "EUR"]);
  expect(totals(REPORT, "EUR")).toEqual({ sales_minor: 3500, orders: 3, average_minor: 1167, tips_minor: 200, refunded_minor: 100 });
  expect(totals(REPORT, "CHF").average_minor).toBe(0);
});

test("a share is of all places on all such days, and never more than everything", () => {
  const rows = shares(REPORT.stations, { first: "2026-03-30", last: "2026-03-31" });
  expect([rows[0]?.[20], rows[1]?.[20], rows[0]?.[19], rows[2]?.[20]]).toEqual([0.5, 1, 0, null]);
  expect(shares(REPORT.tables, { first: "2026-03-30", last: "2026-03-31" })[0]?.[20]).toBeNull();
});
