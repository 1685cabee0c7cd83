/** Stations by hours: bookings as bars, the present as a line. What is free is a button; keys walk as in any form. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Booking, BookingDay, Station } from "@holdfast/protocol";
import { firstHour, HOUR_MS, isFree, placeOf, shown, spanOf, STATUS_WORDS } from "./day";

interface GridProps {
  day: BookingDay;
  stations: Station[];
  onBook: (station: string, at_ms: number) => void;
  onOpen: (booking: string) => void;
}

export function Grid({ day, stations, onBook, onOpen }: GridProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = shown(day);
  useEffect(() => {
    const head = frame.current?.querySelector<HTMLElement>(`[data-hour="${begins(day)}"]`);
    if (frame.current && head) frame.current.scrollLeft = head.offsetLeft - frame.current.querySelector<HTMLElement>(".grid-name")!.offsetWidth;
  }, [day.date]);
  return (
    <div class="booking-grid" ref={frame} tabIndex={0} role="group" aria-label="Stations by hours" style={{ "--hours": day.hours.length }}>
      <div class="grid-row grid-head">
        <span class="grid-name" />
        <div class="grid-track">{day.hours.map((hour) => <span key={hour.at_ms} class="number" data-hour={hour.at_ms}>{hour.name}</span>)}</div>
      </div>
      {stations.map((station) => (
        <div key={station.id} class="grid-row">
          <strong class="grid-name">{station.name}</strong>
          <div class="grid-track">
            {day.hours.map((hour) => <Hour key={hour.at_ms} day={day} station={station} at_ms={hour.at_ms} name={hour.name} onBook={onBook} />)}
            <Now day={day} />
            {drawn.filter((each) => each.station_id === station.id).map((each) => <Bar key={each.id} day={day} booking={each} onOpen={onOpen} />)}
          </div>
        </div>
      ))}
    </div>
  );
}

/** Where the grid is scrolled to at first: an hour before now today, else where something is booked. */
function begins(day: BookingDay): number {
  const today = day.now_ms >= day.starts_ms && day.now_ms < day.ends_ms;
  const first = day.hours[firstHour(day)]!.at_ms;
  const now = day.hours.findIndex((hour) => hour.at_ms + HOUR_MS > day.now_ms);
  return today ? day.hours[Math.max(0, now - 1)]!.at_ms : first;
}

function Hour({ day, station, at_ms, name, onBook }: { day: BookingDay; station: Station; at_ms: number; name: string; onBook: GridProps["onBook"] }): JSX.Element {
  const past = at_ms + HOUR_MS <= day.now_ms;
  const free = !past && isFree(day, station, at_ms, at_ms + HOUR_MS);
  if (!free) return <span class="grid-hour" data-past={past} />;
  return <button type="button" class="grid-hour" aria-label={`Book ${station.name} at ${name}`} onClick={() => onBook(station.id, at_ms)} />;
}

function Bar({ day, booking, onOpen }: { day: BookingDay; booking: Booking; onOpen: (id: string) => void }): JSX.Element | null {
  const place = placeOf(booking.starts_ms, booking.ends_ms, day.starts_ms, day.ends_ms);
  if (!place) return null;
  return (
    <button type="button" class="booking-bar" data-status={booking.status} style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }} onClick={() => onOpen(booking.id)}
      aria-label={`${booking.name}, ${spanOf(day, booking)}, ${STATUS_WORDS[booking.status]}`}>
      <strong>{booking.name}</strong><span class="number">{spanOf(day, booking)}</span>
    </button>
  );
}

function Now({ day }: { day: BookingDay }): JSX.Element | null {
  const place = placeOf(day.now_ms, day.now_ms + 1, day.starts_ms, day.ends_ms);
  return place && <i class="grid-now" style={{ left: `${place.left * 100}%` }} />;
}
