/** Making a booking: for whom, when and where, and how the deposit is paid. The box has the last word on the slot. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, uuid7, type Booking } from "@holdfast/protocol";
import { Refused, Sheet } from "@holdfast/pages";
import { Choices } from "../sheets";
import { ByCard } from "../stations/by_card";
import { lengthOf } from "../stations/starting";
import { zonesOf } from "../stations/standing";
import { useActs } from "../acts";
import { DEPOSIT_WAYS, type DepositWay, type SheetProps } from "./sheet";
import { dayWords, firstFree, isFree, proposed, quarters } from "./day";

const LENGTHS: readonly number[] = [60, 90, 120, 180, 240];
const ZONE = "zone:";

export function MakingSheet(props: SheetProps & { station: string; at_ms: number | null }): JSX.Element {
  const { day, house, desk, station, at_ms, onDone, onClose } = props;
  const { busy, said, card, act } = useActs(onDone);
  const name = useSignal("");
  const phone = useSignal("");
  const note = useSignal("");
  const party = useSignal(1);
  const starts = useSignal(proposed(day, at_ms));
  const minutes = useSignal(120);
  const where = useSignal(station || firstFree(day, house.stations.value, starts.value ?? day.starts_ms, minutes.value));
  const way = useSignal<DepositWay | "later">("CASH");
  const user = useSignal("");
  const made = useSignal<Booking | null>(null);
  const stations = house.stations.value;
  const asks = day.rules.deposit_minor > 0;
  const ready = !busy && name.value.trim() !== "" && starts.value !== null && (!asks || way.value !== "BALANCE" || user.value.trim() !== "");
  // One booking however often it is asked for, also when nobody answered; a new name for it after a refusal.
  const mid = useSignal(uuid7());
  const place = (): object => (where.value.startsWith(ZONE) ? { zone: where.value.slice(ZONE.length) } : { station_id: where.value });
  const paying = (): object => (!asks || way.value === "later" ? {} : { deposit_method: way.value, ...(way.value === "BALANCE" ? { user_id: user.value.trim() } : {}) });
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      const body = { name: name.value.trim(), phone: phone.value.trim(), note: note.value.trim(), party: party.value, minutes: minutes.value, starts_at: new Date(starts.value!).toISOString(), ...place(), ...paying() };
      try {
        made.value = await desk.insist<Booking>("/api/v1/bookings", body, { mid: mid.value });
      } catch (error) {
        if (error instanceof Refused) mid.value = uuid7();
        throw error;
      }
      if (made.value.deposit === "due" && made.value.payment_id) card.value = made.value.payment_id;
      return `Booked for ${made.value.name}.`;
    });
  };
  if (card.value !== null) return <ByCard payment_id={card.value} house={house} desk={desk} onClose={() => { card.value = null; onClose(); }} />;
  if (made.value) return <Made booking={made.value} onClose={onClose} />;
  return (
    <Sheet label="Book a station" onClose={onClose} class="tall">
      <form class="stack making" onSubmit={submit}>
        <h2>Book for {dayWords(day.date)}</h2>
        <p class="verdict said" role="status" data-tone={said.value?.tone}>{said.value?.words}</p>
        <div class="booking-when">
          <label class="field"><span>From</span>
            <select class="input" name="starts" value={String(starts.value ?? "")} onChange={(event) => (starts.value = Number(event.currentTarget.value))}>
              {quarters(day).map((each) => <option key={each.at_ms} value={String(each.at_ms)}>{each.name}</option>)}
            </select>
          </label>
          <label class="field"><span>Station</span>
            <select class="input" name="where" value={where.value} onChange={(event) => (where.value = event.currentTarget.value)}>
              {zonesOf(stations).map((zone) => <option key={zone} value={`${ZONE}${zone}`}>Any of {zone}</option>)}
              {stations.map((each) => <option key={each.id} value={each.id}>{each.name}{starts.value !== null && !isFree(day, each, starts.value, starts.value + minutes.value * 60_000) ? ", taken" : ""}</option>)}
            </select>
          </label>
        </div>
        <Choices label="For how long" value={minutes.value} choices={LENGTHS.filter((each) => each <= day.rules.most_minutes).map((each) => ({ value: each, words: lengthOf(each) }))} onChoose={(next) => (minutes.value = next)} />
        <Field label="Name" name="name" most={64} value={name} />
        <div class="booking-when">
          <Field label="Phone, if they like" name="phone" most={40} value={phone} keys="tel" />
          <label class="field"><span>People</span><input class="input" name="party" type="number" inputMode="numeric" min={1} max={99} value={party.value} onInput={(event) => (party.value = Math.min(99, Math.max(1, Number.parseInt(event.currentTarget.value, 10) || 1)))} /></label>
        </div>
        <Field label="Note" name="note" most={200} value={note} />
        {asks && (
          <section class="stack deposit">
            <p><strong>Deposit {formatMoney(day.rules.deposit_minor, day.currency)}</strong> <span class="soft">or what the time costs, if that is less. Back until {day.rules.free_cancel_hours} h before.</span></p>
            <Choices label="Deposit paid by" value={way.value} choices={[...DEPOSIT_WAYS, { value: "later" as const, words: `Later, held ${lengthOf(day.rules.hold_minutes)}` }]} onChoose={(next) => (way.value = next)} />
            {way.value === "BALANCE" && <Field label="Whose balance?" name="user" most={64} value={user} />}
          </section>
        )}
        <button type="submit" class="button go big wide" disabled={!ready}>{busy ? "Asking the box…" : "Book"}</button>
        {starts.value === null && <p class="soft">This day is over.</p>}
      </form>
    </Sheet>
  );
}

function Made({ booking, onClose }: { booking: Booking; onClose: () => void }): JSX.Element {
  return (
    <Sheet label="Booked" onClose={onClose}>
      <div class="stack paid">
        <p class="paid-amount">{booking.name}</p>
        <p role="status">{booking.status === "HELD" ? "Held until the deposit is paid." : booking.deposit === "paid" ? `Booked. ${formatMoney(booking.deposit_minor, booking.currency)} deposit taken.` : "Booked."}</p>
        <button type="button" class="button go wide" onClick={onClose}>Done</button>
      </div>
    </Sheet>
  );
}

function Field({ label, name, most, value, keys = "text" }: { label: string; name: string; most: number; value: Signal<string>; keys?: "text" | "tel" }): JSX.Element {
  return <label class="field"><span>{label}</span><input class="input" name={name} type="text" inputMode={keys} autocomplete="off" maxLength={most} value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} /></label>;
}
