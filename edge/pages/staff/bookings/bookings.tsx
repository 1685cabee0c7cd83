/** Bookings of a day: stations by hours where there is room, a list everywhere; a tap on what is free books it. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type Booking, type BookingDay } from "@holdfast/protocol";
import { Badge, Empty, LastWord, useLastWord, Waiting } from "@holdfast/pages";
import { wordsFor } from "../desk";
import { Icon } from "../icons";
import { addressOf, go } from "../route";
import type { ViewProps } from "../view";
import { BookingSheet } from "./booking";
import { dayWords, shown, spanOf, STATUS_WORDS } from "./day";
import { Grid } from "./grid";
import { MakingSheet } from "./making";
import "./bookings.css";

export const BOOKINGS = "bookings";
const NEW = "new";
const TODAY = "today";
/** A clock ticks on, and other tablets book: what is news is asked for at once, the rest now and then. */
const LOOK_EVERY_MS = 30_000;

/** `rest` is `bookings`, a date or `today`, then a booking's id, or `new` with a station and an instant. */
export function Bookings({ house, desk, rest }: ViewProps): JSX.Element {
  const [, date = TODAY, open = "", station = "", at = ""] = rest;
  /** The last answer and the date it was asked for: what is tapped on it is of that day, until the next has come. */
  const told = useSignal<{ date: string; day: BookingDay } | null>(null);
  const problem = useSignal("");
  const question = (): Promise<BookingDay> => desk.get<BookingDay>(`/api/v1/bookings${date === TODAY ? "" : `?date=${encodeURIComponent(date)}`}`);
  const take = (day: BookingDay): void => {
    told.value = { date, day };
    problem.value = "";
  };
  const word = useLastWord(() => new LastWord(question, take, (error) => (problem.value = wordsFor(error))), [date, house, desk]);
  const look = (): void => void word.ask();
  // Whoever moved a booking to another day is done when that day is shown already.
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    const deaf = house.listen((message) => {
      if (message.type === "booking:changed" || message.type === "hello") look();
    });
    return () => {
      clearInterval(timer);
      deaf();
    };
  }, [word]);
  const found = told.value?.day;
  const shownDate = told.value?.date ?? date;
  const close = (): void => go("stations", BOOKINGS, date);
  const booking = found?.bookings.find((each) => each.id === open);
  const moved = (id: string, to: string): void => go("stations", BOOKINGS, to, id);
  const given = { house, desk, onDone: () => latest.current(), onClose: close, onMoved: moved };
  return (
    <main class="view bookings">
      <header class="view-head">
        <a class="button plain" href={addressOf("stations")} aria-label="Stations"><Icon name="back" />Stations</a>
        <h1>Bookings</h1>
        {found && <Days day={found} />}
        {found && <a class="button go push" href={addressOf("stations", BOOKINGS, shownDate, NEW)}><Icon name="plus" />Book</a>}
      </header>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      {!found && !problem.value && <Waiting words="Asking the box for the day…" />}
      {found && <Standing day={found} />}
      {found && house.stations.value.length > 0 && <Grid day={found} stations={house.stations.value} onBook={(id, at_ms) => go("stations", BOOKINGS, shownDate, NEW, id, String(at_ms))} onOpen={(id) => go("stations", BOOKINGS, shownDate, id)} />}
      {found && <List day={found} date={shownDate} stations={new Map(house.stations.value.map((each) => [each.id, each.name]))} />}
      {found && open === NEW && <MakingSheet {...given} key={found.date} day={found} station={station} at_ms={Number(at) || null} />}
      {found && booking && <BookingSheet {...given} key={booking.id} day={found} booking={booking} />}
    </main>
  );
}

function Days({ day }: { day: BookingDay }): JSX.Element {
  const to = (date: string): string => addressOf("stations", BOOKINGS, date);
  return (
    <nav class="booking-days" aria-label="Day">
      <a class="button" href={to(day.before)} aria-label={`Day before, ${dayWords(day.before)}`}><Icon name="back" /></a>
      <strong class="booking-day" aria-live="polite">{dayWords(day.date)}</strong>
      <a class="button" href={to(day.after)} aria-label={`Day after, ${dayWords(day.after)}`}><Icon name="next" /></a>
      {!(day.now_ms >= day.starts_ms && day.now_ms < day.ends_ms) && <a class="button" href={to(TODAY)}>Today</a>}
    </nav>
  );
}

function Standing({ day }: { day: BookingDay }): JSX.Element {
  const coming = day.bookings.filter((each) => each.status === "HELD" || each.status === "CONFIRMED").length;
  return (
    <p class="soft booking-sums">
      <span>{coming === 0 ? "Nobody is expected" : `${coming} ${coming === 1 ? "booking" : "bookings"} to come`}</span>
      {day.held_minor > 0 && <span>Deposits held for guests: <strong class="number">{formatMoney(day.held_minor, day.currency)}</strong></span>}
    </p>
  );
}

export const toneOf = (booking: Booking): "good" | "warn" | "bad" =>
  booking.status === "HELD" || booking.deposit === "owed" ? "warn" : booking.status === "NO_SHOW" || booking.status === "CANCELLED" ? "bad" : "good";

function List({ day, date, stations }: { day: BookingDay; date: string; stations: ReadonlyMap<string, string> }): JSX.Element {
  if (day.bookings.length === 0) return <Empty title="Nothing is booked"><p>Tap a free hour of a station, or <em>Book</em>.</p></Empty>;
  const cancelled = day.bookings.filter((each) => each.status === "CANCELLED");
  return (
    <ul class="rows booking-list" aria-label="Bookings of the day">
      {[...shown(day), ...cancelled].map((each) => (
        <li key={each.id}>
          <a class="row booking-row" data-status={each.status} href={addressOf("stations", BOOKINGS, date, each.id)}>
            <strong class="number booking-time">{spanOf(day, each)}</strong>
            <span class="row-words">
              <strong>{each.name}{each.party > 1 ? `, ${each.party} people` : ""}</strong>
              <span class="soft">{[stations.get(each.station_id) ?? each.station_id, each.note].filter(Boolean).join(" · ")}</span>
            </span>
            <Badge tone={toneOf(each)}>{each.deposit === "owed" ? "Deposit to give back" : STATUS_WORDS[each.status]}</Badge>
          </a>
        </li>
      ))}
    </ul>
  );
}
