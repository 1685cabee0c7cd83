/** A day of bookings as it is drawn: where each lies, what is free, what is proposed. Pure; hours come from the box. */
import type { Booking, BookingDay, Station } from "@holdfast/protocol";

export const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
/** Nobody plays before this hour unless somebody has booked it: the grid begins here by itself. */
const FIRST_SHOWN = 8;

export const STATUS_WORDS: Readonly<Record<Booking["status"], string>> = {
  HELD: "Waits for the deposit",
  CONFIRMED: "Booked",
  CHECKED_IN: "Here",
  CANCELLED: "Cancelled",
  NO_SHOW: "Did not come",
};

/** Whether it keeps its station. */
export const stands = (booking: Booking): boolean => booking.status === "HELD" || booking.status === "CONFIRMED";

/** What is drawn: all that stands or has come; who cancelled is in nobody's way. */
export const shown = (day: BookingDay): Booking[] => day.bookings.filter((each) => each.status !== "CANCELLED");

/** The first hour that is worth a look, as a place in `hours`. */
export function firstHour(day: BookingDay): number {
  const first = Math.min(...shown(day).map((each) => each.starts_ms));
  const booked = day.hours.findIndex((hour) => hour.at_ms + HOUR_MS > first);
  const usual = Math.min(FIRST_SHOWN, day.hours.length - 1);
  return booked >= 0 ? Math.min(booked, usual) : usual;
}

export interface Place {
  left: number;
  width: number;
}

/** Where a span lies between two instants, in parts of one; null where no part of it does. */
export function placeOf(starts_ms: number, ends_ms: number, from_ms: number, to_ms: number): Place | null {
  const left = Math.max(starts_ms, from_ms);
  const right = Math.min(ends_ms, to_ms);
  return right <= left ? null : { left: (left - from_ms) / (to_ms - from_ms), width: (right - left) / (to_ms - from_ms) };
}

/** An instant of the day as people read it there; what lies beyond is counted on from its last hour. */
export function hourOf(day: BookingDay, at_ms: number): string {
  const hour = [...day.hours].reverse().find((each) => each.at_ms <= at_ms) ?? day.hours[0]!;
  const minutes = Math.floor((at_ms - hour.at_ms) / 60_000);
  const [hours = 0, rest = 0] = hour.name.split(":").map(Number);
  const all = hours * 60 + rest + minutes;
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(((Math.floor(all / 60) % 24) + 24) % 24)}:${two(((all % 60) + 60) % 60)}`;
}

export const spanOf = (day: BookingDay, booking: Booking): string => `${hourOf(day, booking.starts_ms)}–${hourOf(day, booking.ends_ms)}`;

/** Instants at which a booking may begin: every quarter of the day that is not over. */
export function quarters(day: BookingDay): { at_ms: number; name: string }[] {
  const found = day.hours.flatMap((hour) => [0, 1, 2, 3].map((number) => hour.at_ms + number * QUARTER_MS));
  const open = found.filter((at_ms) => at_ms < day.ends_ms && at_ms > day.now_ms - QUARTER_MS);
  return open.map((at_ms) => ({ at_ms, name: hourOf(day, at_ms) }));
}

/** The same for a booking that moves: its own hour is one of them on its day, also when it has begun. */
export function hoursFor(day: BookingDay, booking: Booking): { at_ms: number; name: string }[] {
  const open = quarters(day);
  const own = booking.starts_ms;
  if (own < day.starts_ms || own >= day.ends_ms || open.some((each) => each.at_ms === own)) return open;
  return [...open, { at_ms: own, name: hourOf(day, own) }].sort((one, other) => one.at_ms - other.at_ms);
}

/** The quarter that is proposed: the next full hour today, six in the evening on another day. */
export function proposed(day: BookingDay, wanted_ms: number | null): number | null {
  const open = quarters(day);
  const wanted = wanted_ms ?? (day.now_ms >= day.starts_ms ? Math.ceil(day.now_ms / HOUR_MS) * HOUR_MS : (day.hours[18]?.at_ms ?? day.starts_ms));
  return (open.find((each) => each.at_ms >= wanted) ?? open.at(-1))?.at_ms ?? null;
}

/** Whether a station is free in a span, by the bookings of the day that stand, apart from the one that moves. */
export const isFree = (day: BookingDay, station: Station, starts_ms: number, ends_ms: number, but = ""): boolean =>
  !day.bookings.some((each) => stands(each) && each.id !== but && each.station_id === station.id && each.starts_ms < ends_ms && starts_ms < each.ends_ms);

/** The station that is proposed: the first one that is not booked then. */
export const firstFree = (day: BookingDay, stations: readonly Station[], starts_ms: number, minutes: number): string =>
  (stations.find((each) => isFree(day, each, starts_ms, starts_ms + minutes * 60_000)) ?? stations[0])?.id ?? "";

/** A day for people: `Sat 21 Nov`; the date is the venue's own, so no time zone may move it. */
export const dayWords = (date: string): string =>
  new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));

/** What becomes of the deposit of a booking that moves: the box never lets it go back later than before, nor after it has begun. */
export function depositWords(booking: Booking, starts_ms: number, now_ms: number): string {
  const limit_ms = new Date(booking.free_until).getTime();
  if (now_ms > limit_ms) return "The deposit stays with the booking. It is too late for it to go back, also after moving.";
  if (starts_ms < limit_ms) return "The deposit stays with the booking. It goes back for whoever cancels before the new hour.";
  return "The deposit stays with the booking. Until when it goes back does not change.";
}
