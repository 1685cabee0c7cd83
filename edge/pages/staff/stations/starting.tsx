/** Starting on a free station: how it is paid is chosen once, then one tap on a length begins. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, toMajor, type PlaySession, type Prices } from "@holdfast/protocol";
import { keep, recall, Waiting } from "@holdfast/pages";
import { AmountShown, Choices, minorOf } from "../sheets";
import { Keys } from "../keys";
import type { ActProps } from "./acting";
import { InTheWay } from "./in_the_way";
import { Lending, useLending } from "./lending";
import { usePrices } from "./prices";

type Way = "CASH" | "CARD" | "BALANCE" | "CODE" | "POSTPAID";

const WAYS: readonly { value: Way; words: string }[] = [
  { value: "CASH", words: "Cash" },
  { value: "CARD", words: "Card" },
  { value: "BALANCE", words: "Balance" },
  { value: "CODE", words: "Code" },
  { value: "POSTPAID", words: "Pay later" },
];
const KEPT = "staff.way";
const KEPT_WAYS: readonly Way[] = ["BALANCE", "CARD"];

/** What stands on a length's button: `1 h`, `2 h 30`, `three hours`. */
export const lengthOf = (minutes: number): string => (minutes < 60 ? `${minutes} min` : minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60}`);

export function Starting(props: ActProps): JSX.Element {
  const { station, desk, busy, act, house } = props;
  const way = useSignal<Way>(KEPT_WAYS.find((each) => each === recall<Way>(KEPT)) ?? "CASH");
  const prices = usePrices(desk, station.id);
  if (station.status === "MAINTENANCE") return <p class="soft">Nobody can start here until it is back in service.</p>;
  const guests = useSignal<string | null>(null);
  const tables = house.tables.value.filter((table) => table.session_pid !== null);
  const choose = (next: Way): void => {
    way.value = next;
    if (next !== "CODE") keep(KEPT, next);
  };
  const { offer, warning, sell: start } = useLending(act, (body) =>
    desk.insist<PlaySession>("/api/v1/sessions/start", { station_id: station.id, payment_method: way.value, session_pid: guests.value, ...body }));
  if (offer.value) return <Lending offer={offer} currency={prices?.currency ?? "EUR"} busy={busy} />;
  if (warning.value) return <InTheWay warning={warning.value} busy={busy} onNo={() => (warning.value = null)} />;
  return (
    <>
      <Choices label="Paid by" value={way.value} choices={WAYS} onChoose={choose} />
      {tables.length > 0 && way.value !== "POSTPAID" && (
        <details class="agreed">
          <summary class="button plain">{guests.value === null ? "For guests at a table" : `Shown to ${tables.find((table) => table.session_pid === guests.value)?.name ?? "the table"}`}</summary>
          <Choices label="Guests" value={guests.value} choices={[{ value: null, words: "Nobody" }, ...tables.map((table) => ({ value: table.session_pid, words: table.name }))]} onChoose={(next) => (guests.value = next)} />
        </details>
      )}
      {way.value === "CODE" && <WithCode busy={busy} onStart={(code) => start({ code }, "The code counts; play began.")} />}
      {way.value === "POSTPAID" && <Open house={house} busy={busy} onStart={(session_pid) => start({ session_pid }, "Play began.")} />}
      {(way.value === "CASH" || way.value === "CARD" || way.value === "BALANCE") && (
        prices === null
          ? <Waiting words="Asking for the prices…" />
          : <Lengths prices={prices} busy={busy} user={way.value === "BALANCE"} onStart={start} />
      )}
    </>
  );
}

interface LengthsProps {
  prices: Prices;
  busy: boolean;
  /** Whether somebody's balance pays, who has to be named. */
  user: boolean;
  onStart: (body: object, words: string) => void;
}

function Lengths({ prices, busy, user, onStart }: LengthsProps): JSX.Element {
  const who = useSignal("");
  const named = who.value.trim();
  const body = user ? { user_id: named } : {};
  const ready = !busy && (!user || named !== "");
  return (
    <>
      {user && (
        <label class="field">
          <span>Whose balance?</span>
          <input class="input" name="user" autocomplete="off" maxLength={64} value={who.value} onInput={(event) => (who.value = event.currentTarget.value)} />
        </label>
      )}
      <div class="lengths">
        {prices.offers.map((offer) => (
          <button key={offer.minutes} type="button" class="length" disabled={!ready} onClick={() => onStart({ ...body, duration: offer.minutes }, `${lengthOf(offer.minutes)} began.`)}>
            <strong>{offer.name || lengthOf(offer.minutes)}</strong>
            <span class="number">{formatMoney(offer.price_minor, prices.currency)}</span>
          </button>
        ))}
      </div>
      <Agreed prices={prices} words="Start" ready={ready} onStart={(minutes, amount) => onStart({ ...body, duration: minutes, amount }, `${lengthOf(minutes)} began.`)} />
    </>
  );
}

/** Another length, or another price: open by itself only where there is no tariff. */
export function Agreed({ prices, words, ready, onStart }: { prices: Prices; words: string; ready: boolean; onStart: (minutes: number, amount: number) => void }): JSX.Element {
  const minutes = useSignal("60");
  const digits = useSignal("");
  const length = Number.parseInt(minutes.value, 10);
  return (
    <details class="agreed" open={prices.offers.length === 0}>
      <summary class="button plain">Another length or price</summary>
      <div class="stack">
        <label class="field">
          <span>Minutes</span>
          <input class="input" name="minutes" type="number" inputMode="numeric" min={1} max={1440} value={minutes.value} onInput={(event) => (minutes.value = event.currentTarget.value)} />
        </label>
        <AmountShown label="Price" minor={minorOf(digits.value)} currency={prices.currency} />
        <Keys value={digits.value} extra="00" most={7} onChange={(next) => (digits.value = next)} />
        <button type="button" class="button go wide" disabled={!ready || !(length >= 1 && length <= 1440)} onClick={() => onStart(length, toMajor(minorOf(digits.value), prices.currency))}>{words}</button>
      </div>
    </details>
  );
}

function WithCode({ busy, onStart }: { busy: boolean; onStart: (code: string) => void }): JSX.Element {
  const code = useSignal("");
  const submit = (event: Event): void => {
    event.preventDefault();
    onStart(code.value.trim());
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="field">
        <span>The guest's code</span>
        <input class="input code" name="code" autocomplete="off" autocapitalize="characters" maxLength={64} value={code.value} onInput={(event) => (code.value = event.currentTarget.value)} />
      </label>
      <button type="submit" class="button go wide" disabled={busy || code.value.trim() === ""}>Start with this code</button>
    </form>
  );
}

/** Time that is paid afterwards: on a table's bill, or at the counter. */
function Open({ house, busy, onStart }: { house: ActProps["house"]; busy: boolean; onStart: (session_pid: string | null) => void }): JSX.Element {
  const tables = house.tables.value.filter((table) => table.session_pid !== null);
  return (
    <>
      <button type="button" class="button go wide" disabled={busy} onClick={() => onStart(null)}>Start, pay at the counter</button>
      {tables.length > 0 && (
        <div class="stack">
          <h3 class="soft">On the bill of a table</h3>
          <div class="targets">{tables.map((table) => <button key={table.code} type="button" class="target" disabled={busy} onClick={() => onStart(table.session_pid)}><strong>{table.name}</strong></button>)}</div>
        </div>
      )}
    </>
  );
}
