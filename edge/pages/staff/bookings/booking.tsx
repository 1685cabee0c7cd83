/** One booking in a sheet: who comes when, what became of the deposit, and what can be done about it now. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, toMajor, type Booking, type PlaySession } from "@holdfast/protocol";
import { Badge, Refused, Sheet } from "@holdfast/pages";
import { addressOf } from "../route";
import { AmountShown, Choices, minorOf } from "../sheets";
import { Keys } from "../keys";
import { ByCard } from "../stations/by_card";
import { InTheWay, warningOf, type Warning } from "../stations/in_the_way";
import { useActs, type Acts } from "../acts";
import { DEPOSIT_WAYS, type DepositWay, type SheetProps } from "./sheet";
import { hourOf, spanOf, stands, STATUS_WORDS } from "./day";
import { Moving } from "./moving";

type Way = "CASH" | "CARD" | "BALANCE" | "POSTPAID";
const WAYS: readonly { value: Way; words: string }[] = [...DEPOSIT_WAYS, { value: "POSTPAID", words: "Pay later" }];
const DEPOSIT_WORDS: Readonly<Record<Booking["deposit"], string>> = {
  "": "none asked for", due: "not paid", paid: "paid, counts towards play", used: "used for play", forfeited: "kept by the house", owed: "to be given back", returned: "given back",
};

interface BookingProps extends SheetProps {
  booking: Booking;
}

export function BookingSheet(props: BookingProps): JSX.Element {
  const { booking, day, house, desk, onDone, onClose } = props;
  const acts = useActs(onDone);
  const { said, card } = acts;
  const moving = useSignal(false);
  const station = house.stations.value.find((each) => each.id === booking.station_id);
  if (card.value !== null) return <ByCard key={card.value} payment_id={card.value} house={house} desk={desk} onClose={() => (card.value = null)} />;
  const waits = booking.deposit === "due" && booking.payment_id !== null && booking.deposit_method === "CARD";
  return (
    <Sheet label={`Booking of ${booking.name}`} onClose={onClose} class="tall">
      <div class="stack booking-sheet">
        <header class="station-top">
          <div><h2>{booking.name}</h2><p class="soft">{[station?.name ?? booking.station_id, spanOf(day, booking), booking.party > 1 ? `${booking.party} people` : ""].filter(Boolean).join(" · ")}</p></div>
          <Badge tone={stands(booking) || booking.status === "CHECKED_IN" ? "good" : "bad"}>{STATUS_WORDS[booking.status]}</Badge>
        </header>
        <p class="verdict said" role="status" data-tone={said.value?.tone}>{said.value?.words}</p>
        <dl class="booking-facts">
          {booking.phone && <Fact name="Phone" words={booking.phone} />}
          {booking.note && <Fact name="Note" words={booking.note} />}
          {booking.deposit_minor > 0 && <Fact name={`Deposit, ${DEPOSIT_WORDS[booking.deposit]}`} words={formatMoney(booking.deposit_minor, booking.currency)} />}
          {booking.reason && <Fact name="Why" words={booking.reason} />}
        </dl>
        {booking.deposit === "owed" && <p class="soft">The money came when the booking could no longer be kept. A manager gives it back with the payment <span class="number">{booking.payment_id}</span>.</p>}
        {booking.status === "CHECKED_IN" && <a class="button wide" href={addressOf("stations", booking.station_id)}>To {station?.name ?? "the station"}</a>}
        {stands(booking) && moving.value && <Moving {...props} {...acts} onBack={() => (moving.value = false)} />}
        {!moving.value && <>
        {waits && <button type="button" class="button go wide" disabled={acts.busy} onClick={() => (card.value = booking.payment_id)}>How the card for the deposit went</button>}
        {booking.status === "HELD" && !waits && <PayDeposit {...props} {...acts} />}
        {stands(booking) && <CheckIn {...props} {...acts} />}
        {stands(booking) && <Ending {...props} {...acts} onMove={() => (moving.value = true)} />}
        </>}
      </div>
    </Sheet>
  );
}

const Fact = ({ name, words }: { name: string; words: string }): JSX.Element => <div class="booking-fact"><dt class="soft">{name}</dt><dd>{words}</dd></div>;

function PayDeposit({ booking, desk, busy, card, act }: BookingProps & Acts): JSX.Element {
  const way = useSignal<DepositWay>("CASH");
  const user = useSignal("");
  const pay = (): void => void act(async () => {
    const found = await desk.insist<Booking>(`/api/v1/bookings/${booking.id}/deposit`, { deposit_method: way.value, ...(way.value === "BALANCE" ? { user_id: user.value.trim() } : {}) });
    if (found.deposit === "due") card.value = found.payment_id;
    return "The deposit is paid.";
  });
  return (
    <section class="stack deposit">
      <Choices label="Deposit paid by" value={way.value} choices={DEPOSIT_WAYS} onChoose={(next) => (way.value = next)} />
      {way.value === "BALANCE" && <Whose value={user.value} onInput={(next) => (user.value = next)} />}
      <button type="button" class="button wide" disabled={busy || (way.value === "BALANCE" && user.value.trim() === "")} onClick={pay}>Take the deposit, {formatMoney(booking.deposit_minor, booking.currency)}</button>
    </section>
  );
}

/** The guest is here. Where no tariff holds, the price of all of it is typed. */
function CheckIn({ booking, day, house, desk, busy, act }: BookingProps & Acts): JSX.Element {
  const way = useSignal<Way>("CASH");
  const user = useSignal("");
  const digits = useSignal("");
  const agreed = useSignal(false);
  const warning = useSignal<Warning | null>(null);
  const station = house.stations.value.find((each) => each.id === booking.station_id);
  const begin = (more: object = {}): void => void act(async () => {
    const body = { payment_method: way.value, ...(way.value === "BALANCE" ? { user_id: user.value.trim() } : {}), ...(agreed.value ? { amount: toMajor(minorOf(digits.value), booking.currency) } : {}), ...more };
    warning.value = null;
    try {
      await desk.insist<PlaySession>(`/api/v1/bookings/${booking.id}/check_in`, body);
      return "Play began.";
    } catch (error) {
      warning.value = warningOf(error, () => begin({ ...more, despite_booking: true }));
      if (error instanceof Refused && error.code === "payment_required" && typeof error.beside["payment_id"] !== "string") agreed.value = true;
      throw error;
    }
  });
  const busyThere = station?.session ? `Somebody plays at ${station.name}; it has to be free first.` : "";
  return (
    <section class="stack check-in" aria-label="Check in">
      <Choices label="Play paid by" value={way.value} choices={WAYS} onChoose={(next) => (way.value = next)} />
      {way.value === "BALANCE" && <Whose value={user.value} onInput={(next) => (user.value = next)} />}
      {agreed.value && (
        <>
          <AmountShown label="Price, deposit counted in" minor={minorOf(digits.value)} currency={booking.currency} />
          <Keys value={digits.value} extra="00" most={7} onChange={(next) => (digits.value = next)} />
        </>
      )}
      {warning.value && <InTheWay warning={warning.value} busy={busy} onNo={() => (warning.value = null)} />}
      <button type="button" class="button go big wide" disabled={busy || (way.value === "BALANCE" && user.value.trim() === "")} onClick={() => begin()}>Check in</button>
      <p class="soft">{busyThere || (booking.deposit === "paid" ? "The deposit pays first; the rest is due now." : `Booked until ${hourOf(day, booking.ends_ms)}.`)}</p>
    </section>
  );
}

/** Cancelling and missing ask once more, for they move money. */
function Ending({ booking, day, desk, busy, act, onMove }: BookingProps & Acts & { onMove: () => void }): JSX.Element {
  const sure = useSignal<"cancel" | "missed" | null>(null);
  const late = day.now_ms > new Date(booking.free_until).getTime();
  const due = day.now_ms >= new Date(booking.missed_at).getTime();
  const held = booking.deposit_left_minor > 0;
  const money = formatMoney(booking.deposit_left_minor, booking.currency);
  const back = booking.deposit_method === "CARD" ? `${money} go back to the card; give it back at the terminal if it was taken there.` : booking.deposit_method === "BALANCE" ? `${money} go back to the balance.` : `Give ${money} back out of the drawer.`;
  const end = (what: "cancel" | "missed"): void => void act(async () => {
    const found = await desk.insist<Booking>(`/api/v1/bookings/${booking.id}/${what}`, {});
    sure.value = null;
    if (what === "missed") return "Noted. The station is free.";
    return found.deposit === "returned" ? `Cancelled. ${back}` : found.deposit === "forfeited" ? "Cancelled. The house keeps the deposit." : "Cancelled.";
  });
  if (sure.value !== null) {
    const words = !held ? "The station is free then." : sure.value === "missed" || late ? `It is too late to get the deposit back: the house keeps ${money}.` : back;
    return (
      <section class="stack lending" aria-label="Are you sure?">
        <p>{words}</p>
        <div class="station-acts">
          <button type="button" class="button danger" disabled={busy} onClick={() => end(sure.value!)}>{sure.value === "missed" ? "They did not come" : "Cancel the booking"}</button>
          <button type="button" class="button" disabled={busy} onClick={() => (sure.value = null)}>Keep it</button>
        </div>
      </section>
    );
  }
  return (
    <div class="station-acts">
      <button type="button" class="button" disabled={busy} onClick={onMove}>Move…</button>
      <button type="button" class="button" disabled={busy} onClick={() => (sure.value = "cancel")}>Cancel…</button>
      {due && <button type="button" class="button" disabled={busy} onClick={() => (sure.value = "missed")}>Did not come…</button>}
    </div>
  );
}

function Whose({ value, onInput }: { value: string; onInput: (next: string) => void }): JSX.Element {
  return <label class="field"><span>Whose balance?</span><input class="input" name="user" autocomplete="off" maxLength={64} value={value} onInput={(event) => onInput(event.currentTarget.value)} /></label>;
}
