/** How a station stands, in one word and one colour, and what wants somebody. Pure. */
import type { NextBooking, Station } from "@holdfast/protocol";
import { LAST_S, remaining_s, SOON_S } from "@holdfast/pages";

export type Standing = "free" | "playing" | "soon" | "last" | "open" | "paused" | "awaiting" | "away" | "service";

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  free: "Free",
  playing: "Playing",
  soon: "Ends soon",
  last: "Last minutes",
  open: "Open end",
  paused: "Paused",
  awaiting: "Waits for the card",
  away: "Does not answer",
  service: "Out of service",
};

/** What somebody looks for first stands first. */
export const URGENCY: readonly Standing[] = ["last", "soon", "awaiting", "away", "paused", "open", "playing", "free", "service"];

export function standingOf(station: Station, now_ms: number): Standing {
  const { session, status } = station;
  if (session) {
    if (session.status === "AWAITING") return "awaiting";
    if (session.status === "PAUSED") return "paused";
    if (session.payment_method === "POSTPAID") return "open";
    const left_s = remaining_s(session, now_ms);
    return left_s <= LAST_S ? "last" : left_s <= SOON_S ? "soon" : "playing";
  }
  if (status === "MAINTENANCE") return "service";
  return status === "OFFLINE" ? "away" : "free";
}

/** A device or an agent that does not do what it should, in words; null when all is well. */
export function troubleOf(station: Station): string | null {
  const health = Object.entries(station.devices);
  const failed = health.find(([, state]) => state === "alarmed") ?? health.find(([, state]) => state === "lost");
  if (failed) return failed[1] === "alarmed" ? `${failed[0]} does not obey` : `${failed[0]} does not answer`;
  return station.kind === "pc" && station.agent["online"] === false && station.session ? "agent is gone" : null;
}

/** Further ahead a booking is nothing that whoever looks at the floor has to know. */
const BOOKED_AHEAD_MS = 12 * 3_600_000;

/** The booking that comes next, if it comes soon; `now_ms` is Unix time. */
export const bookedSoon = (station: Station, now_ms: number): NextBooking | null =>
  station.booked !== null && station.booked.starts_ms - now_ms < BOOKED_AHEAD_MS ? station.booked : null;

/** Whether a session can be put here. */
export const takes = (station: Station): boolean => station.session === null && station.status !== "MAINTENANCE";

/** Zones in the owner's order; none where all stations are in one. */
export function zonesOf(stations: readonly Station[]): string[] {
  const zones = [...new Set(stations.map((station) => station.zone).filter(Boolean))];
  return zones.length > 1 ? zones : [];
}
