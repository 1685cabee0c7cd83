/** Who has booked which station on a day, and what became of the deposit; live, as the venue's box tells it. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, DayField, Empty, later, span, type Tone } from "@holdfast/pages";
import { syncAge_s } from "../figures";
import { Card } from "../page";
import { addressOf } from "../place";
import { Asked, useFacts } from "../states";
import type { VenueProps } from "../views";
import { dayWords } from "./words";
import "./bookings.css";

interface Booking {
  booking_id: string; station: string; name: string; party: number; at: string; until: string; starts_ms: number; status: string; reason: string;
  currency: string; deposit_minor: number; deposit: string; deposit_method: string; deposit_left_minor: number; returned_minor: number;
}
interface Day { date: string; timezone: string; currency: string; held_minor: number; bookings: Booking[] }

const STATUS: Readonly<Record<string, [words: string, tone: Tone]>> = {
  HELD: ["waits for the deposit", "warn"], CONFIRMED: ["booked", "good"], CHECKED_IN: ["came", "good"], CANCELLED: ["cancelled", "calm"], NO_SHOW: ["did not come", "bad"],
};
const DEPOSIT: Readonly<Record<string, string>> = {
  due: "not paid", paid: "held for the guest", used: "used for play", forfeited: "kept by the house", owed: "to be given back", returned: "given back",
};
const METHOD: Readonly<Record<string, string>> = { CASH: "cash", CARD: "card", BALANCE: "balance" };

export function VenueBookings({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const wanted = useSignal("");
  const last = useRef("");
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/bookings`;
  const asked = useFacts<Day>(fleet, wanted.value ? `${path}?date=${wanted.value}` : path, venue.venue_id);
  if (asked.body) last.current = asked.body.date;
  const shown = wanted.value || last.current;
  const age_s = venue.link === "down" ? syncAge_s(venue, now_ms) : null;
  return (
    <Card title="Bookings" about="Made, moved and cancelled at the venue." actions={shown && <Days date={shown} today={wanted.value === ""} onDay={(date) => (wanted.value = date)} />}>
      {age_s !== null && <p class="note" role="status">Offline; this is how it stood {span(age_s)} ago. Bookings go on at the venue.</p>}
      <Asked of={asked} waiting="Fetching the bookings…">
        {(day) => (
          <>
            {day.held_minor > 0 && <p class="soft">Deposits held for guests of all days: <strong class="number">{formatMoney(day.held_minor, day.currency)}</strong></p>}
            {day.bookings.length === 0
              ? <Empty title={`Nothing is booked on ${dayWords(day.date)}`}><p>Bookings are taken on the staff's page, under Stations.</p></Empty>
              : <ul class="rows owner-bookings" aria-label={`Bookings of ${dayWords(day.date)}`}>{day.bookings.map((each) => <Row key={each.booking_id} booking={each} venue_id={venue.venue_id} />)}</ul>}
          </>
        )}
      </Asked>
    </Card>
  );
}

function Days({ date, today, onDay }: { date: string; today: boolean; onDay: (date: string) => void }): JSX.Element {
  const [before, after] = [later(date, -1), later(date, 1)];
  return (
    <div class="owner-days" role="group" aria-label="Which day">
      <button type="button" class="button small" aria-label={`Day before, ${dayWords(before)}`} disabled={before === date} onClick={() => onDay(before)}>‹</button>
      <DayField aria-label="Day" value={date} onDay={onDay} />
      <button type="button" class="button small" aria-label={`Day after, ${dayWords(after)}`} disabled={after === date} onClick={() => onDay(after)}>›</button>
      {!today && <button type="button" class="button small" onClick={() => onDay("")}>Today</button>}
    </div>
  );
}

function Row({ booking, venue_id }: { booking: Booking; venue_id: string }): JSX.Element {
  const [words, tone] = STATUS[booking.status] ?? [booking.status, "calm"];
  return (
    <li class="row" data-status={booking.status}>
      <strong class="number owner-booking-time">{booking.at}–{booking.until}</strong>
      <span class="row-words">
        <strong>{booking.name}{booking.party > 1 && `, ${booking.party} people`}</strong>
        <span class="soft">{[booking.station, booking.reason].filter(Boolean).join(" · ")}</span>
        {booking.deposit_minor > 0 && <Deposit booking={booking} />}
        {booking.deposit === "owed" && <a class="button small" href={addressOf("venue", venue_id, "reconciliation")}>Give it back…</a>}
      </span>
      <Badge tone={tone}>{words}</Badge>
    </li>
  );
}

function Deposit({ booking }: { booking: Booking }): JSX.Element {
  const { deposit, currency, deposit_method } = booking;
  const part = deposit !== "returned" && booking.returned_minor > 0 ? `, ${formatMoney(booking.returned_minor, currency)} given back` : "";
  const by = deposit !== "due" && METHOD[deposit_method] ? ` (${METHOD[deposit_method]})` : "";
  return (
    <span class={deposit === "owed" ? "field-error" : "soft"}>
      Deposit <span class="number">{formatMoney(booking.deposit_minor, currency)}</span>{by}: {DEPOSIT[deposit] ?? deposit}{part}
    </span>
  );
}
