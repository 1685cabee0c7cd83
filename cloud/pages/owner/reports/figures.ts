/** What reports add up. Rule of the file: pure; one currency at a time. */
import { eachDay, weekdays, type Days } from "./span";
import type { Report, Sales, Utilisation } from "./shapes";

export interface Bar { label: string; value: number; orders: number }

/** The currencies of a report, the one that brought most first. */
export function currenciesOf({ by_day, by_staff }: Report): string[] {
  const totals = new Map<string, number>();
  for (const { currency, total_minor } of by_day) totals.set(currency, (totals.get(currency) ?? 0) + total_minor);
  for (const { currency } of by_staff) totals.set(currency, totals.get(currency) ?? 0);
  return [...totals].sort((a, b) => b[1] - a[1]).map(([currency]) => currency);
}

/** Fewer would look like a wall. */
const LEAST_HOURS = 8;

/** From the first hour in which something was sold to the last, none left out; and a few around them if they are few. */
export function hourBars(sales: Sales[]): Bar[] {
  const hours = sales.map(({ bucket }) => Number(bucket));
  if (hours.length === 0) return [];
  const lacking = Math.max(0, LEAST_HOURS - 1 - (Math.max(...hours) - Math.min(...hours)));
  const first = Math.min(Math.max(0, Math.min(...hours) - Math.ceil(lacking / 2)), 24 - LEAST_HOURS, Math.min(...hours));
  const last = Math.max(Math.max(...hours), first + LEAST_HOURS - 1);
  return Array.from({ length: last - first + 1 }, (_, step) => bar(String(first + step), sales));
}

export const dayBars = (sales: Sales[], days: Days): Bar[] => eachDay(days).map((day) => bar(day, sales));

function bar(label: string, sales: Sales[]): Bar {
  const found = sales.find(({ bucket }) => bucket === label);
  return { label, value: found?.total_minor ?? 0, orders: found?.orders ?? 0 };
}

export interface Totals { sales_minor: number; orders: number; average_minor: number; tips_minor: number; refunded_minor: number }

export function totals({ by_day, by_staff }: Report, currency: string): Totals {
  const days = by_day.filter((each) => each.currency === currency);
  const people = by_staff.filter((each) => each.currency === currency);
  const sum = (numbers: number[]): number => numbers.reduce((all, each) => all + each, 0);
  const [sales_minor, orders] = [sum(days.map((each) => each.total_minor)), sum(days.map((each) => each.orders))];
  return {
    sales_minor, orders, average_minor: orders === 0 ? 0 : Math.round(sales_minor / orders),
    tips_minor: sum(people.map((each) => each.tip_minor)), refunded_minor: sum(people.map((each) => each.refunded_minor)),
  };
}

/** Shares of 0 to 1, seven rows of 24, Monday first; null on weekdays that are not among the days, or without places. */
export function shares({ places, use }: Utilisation, days: Days): (number | null)[][] {
  const often = weekdays(days);
  return often.map((times, place) =>
    Array.from({ length: 24 }, (_, hour) => {
      if (times === 0 || places === 0) return null;
      const minutes = use.find((each) => each.weekday === place + 1 && each.hour === hour)?.minutes ?? 0;
      return Math.min(1, minutes / (60 * places * times));
    }),
  );
}
