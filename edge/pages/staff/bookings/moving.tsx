/** Moving a booking to another day, hour or station; guest, length and deposit stay. The box has the last word on the slot. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Booking, BookingDay } from "@holdfast/protocol";
import { DayField } from "@holdfast/pages";
import type { Acts } from "../acts";
import { dayWords, depositWords, hourOf, hoursFor, isFree } from "./day";
import type { SheetProps } from "./sheet";

interface MovingProps extends SheetProps, Acts {
  booking: Booking;
  onBack: () => void;
}

export function Moving({ booking, day, house, desk, busy, said, act, onBack, onMoved }: MovingProps): JSX.Element {
  const other = useSignal<BookingDay | null>(null);
  const asked = useRef(0);
  /** The day that the box is asked about. */
  const wanted = useSignal<string | null>(null);
  const looking = wanted.value !== null;
  // Its own day is the sheet's, which follows the news.
  const at = other.value ?? day;
  const hours = hoursFor(at, booking);
  const chosen = useSignal(booking.starts_ms);
  const starts_ms = hours.some((each) => each.at_ms === chosen.value) ? chosen.value : (hours[0]?.at_ms ?? null);
  const where = useSignal(booking.station_id);
  const length_ms = booking.ends_ms - booking.starts_ms;
  const same = starts_ms === booking.starts_ms && where.value === booking.station_id;

  const turnTo = async (date: string): Promise<void> => {
    const mine = ++asked.current;
    wanted.value = date;
    try {
      const found = date === day.date ? null : await desk.get<BookingDay>(`/api/v1/bookings?date=${encodeURIComponent(date)}`);
      if (mine !== asked.current) return;
      const hour = hourOf(at, starts_ms ?? booking.starts_ms);
      other.value = found;
      chosen.value = hoursFor(found ?? day, booking).find((each) => each.name === hour)?.at_ms ?? chosen.value;
      said.value = null;
    } catch {
      if (mine === asked.current) said.value = { tone: "bad", words: "The box does not tell that day. Choose it again." };
    }
    if (mine === asked.current) wanted.value = null;
  };
  const move = (event: Event): void => {
    event.preventDefault();
    if (starts_ms === null || same || looking) return;
    void act(async () => {
      const hour = starts_ms === booking.starts_ms ? {} : { starts_at: new Date(starts_ms).toISOString() };
      const body = { station_id: where.value, ...hour };
      const moved = await desk.insist<Booking>(`/api/v1/bookings/${booking.id}/move`, body);
      const words = `Moved to ${dayWords(at.date)}, ${hourOf(at, moved.starts_ms)}.`;
      onBack();
      if (at.date !== day.date) onMoved(booking.id, at.date);
      return words;
    });
  };
  return (
    <form class="stack moving" aria-label="Move the booking" onSubmit={move}>
      <label class="field"><span>Day</span><DayField name="day" value={wanted.value ?? at.date} onDay={(date) => void turnTo(date)} /></label>
      <div class="booking-when">
        <label class="field"><span>From</span>
          <select class="input" name="starts" value={String(starts_ms ?? "")} onChange={(event) => (chosen.value = Number(event.currentTarget.value))}>
            {hours.map((each) => <option key={each.at_ms} value={String(each.at_ms)}>{each.name}</option>)}
          </select>
        </label>
        <label class="field"><span>Station</span>
          <select class="input" name="where" value={where.value} onChange={(event) => (where.value = event.currentTarget.value)}>
            {house.stations.value.map((each) => <option key={each.id} value={each.id}>{each.name}{starts_ms !== null && !isFree(at, each, starts_ms, starts_ms + length_ms, booking.id) ? ", taken" : ""}</option>)}
          </select>
        </label>
      </div>
      {booking.deposit_left_minor > 0 && <p class="soft">{depositWords(booking, starts_ms ?? booking.starts_ms, day.now_ms)}</p>}
      {starts_ms === null && <p class="soft">This day is over.</p>}
      <div class="station-acts">
        <button type="submit" class="button go" disabled={busy || same || starts_ms === null || looking}>Move</button>
        <button type="button" class="button" disabled={busy} onClick={onBack}>Leave it</button>
      </div>
    </form>
  );
}
