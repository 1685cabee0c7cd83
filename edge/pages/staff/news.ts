/** What a message from the box makes of stations and alarms. Pure; counterparts: `protocol/play.py`, `protocol/floor.py`. */
import type { AlarmNews, PlaySession, StaffMessage, StaffOrder, Station } from "@holdfast/protocol";

/** Sessions of these states are not at their station any more. */
const OVER: ReadonlySet<PlaySession["status"]> = new Set(["ABANDONED", "EXPIRED", "STOPPED"]);

export function stationsAfter(stations: Station[], message: StaffMessage): Station[] {
  switch (message.type) {
    case "station:status":
      return stations.map((each) => (each.id === message.station_id ? { ...each, status: message.status } : each));
    case "station:booked":
      return stations.map((each) => (each.id === message.station_id ? { ...each, booked: message.booked } : each));
    case "session:started":
    case "session:extended":
    case "session:expired":
    case "session:stopped":
    case "session:changed":
      return stations.map((each) => withSession(each, message.session));
    default:
      return stations;
  }
}

function withSession(station: Station, session: PlaySession): Station {
  if (station.id === session.station_id && !OVER.has(session.status)) return { ...station, session };
  return station.session?.id === session.id ? { ...station, session: null } : station;
}

/** An alarm as a screen keeps it: the news that it went up. */
export type Alarm = Omit<AlarmNews, "type" | "up">;

export function alarmsAfter(alarms: Alarm[], { type: _type, up, ...alarm }: AlarmNews): Alarm[] {
  const others = alarms.filter((each) => each.key !== alarm.key);
  if (!up) return others;
  return alarms.some((each) => each.key === alarm.key)
    ? alarms.map((each) => (each.key === alarm.key ? alarm : each))
    : [...alarms, alarm];
}

/** Nothing is left to do for an order of these states. Counterpart: `DONE` in `edge/web/staff/floor_messages.py`. */
const DONE: ReadonlySet<string> = new Set(["served", "abandoned"]);

export function ordersAfter(orders: ReadonlyMap<string, StaffOrder>, order: StaffOrder): ReadonlyMap<string, StaffOrder> {
  const after = new Map(orders).set(order.order_id, order);
  if (DONE.has(order.status) && order.held.length === 0) after.delete(order.order_id);
  return after;
}
