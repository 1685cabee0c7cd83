/** What is in the cart on this phone, the one button that orders it, and what became of what was ordered. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { Empty } from "@holdfast/pages";
import { Stepper } from "@holdfast/pages/menu/stepper";
import type { FarGuest, FarLine, Sent } from "./guest";
import { barred, told } from "./standing";

export function Basket({ guest }: { guest: FarGuest }): JSX.Element {
  const sent = guest.sent.value;
  const lines = guest.lines.value;
  const { currency } = guest.menu.value.menu;
  const entering = guest.seat.value?.session_pid === null;
  const busy = entering || (sent !== null && !guest.isOver);
  const why = barred(guest.place.value);
  return (
    <div class="stack">
      <h2>Your order</h2>
      {sent && <Standing guest={guest} sent={sent} currency={currency} />}
      {entering && <p class="standing" data-tone="calm" role="status"><strong>{guest.place.value?.reached === false ? "The venue cannot be reached right now" : "Asking the venue for a seat at the table…"}</strong><span>{guest.place.value?.reached === false ? "You are let in if it is back within five minutes. Nothing is ordered before that." : "This takes a few seconds."}</span></p>}
      {lines.length === 0 && !sent && !entering && <Empty title="Nothing here yet"><p>Choose something from the menu.</p></Empty>}
      {lines.length > 0 && (
        <>
          <ul class="lines">{lines.map((line) => <Line key={line.mid} guest={guest} line={line} currency={currency} />)}</ul>
          <p class="total"><span>Total</span><strong class="number">{formatMoney(guest.total_minor.value, currency)}</strong></p>
          {why && <p class="field-error" role="alert">{why}</p>}
          <button type="button" class="button go wide order-button" disabled={busy || why !== null} onClick={() => guest.order()}>{busy ? "One moment…" : "Place Order"}</button>
        </>
      )}
    </div>
  );
}

function Line({ guest, line, currency }: { guest: FarGuest; line: FarLine; currency: string }): JSX.Element {
  const book = guest.menu.value;
  const name = book.items.get(line.menu_item)?.name ?? "No longer on the menu";
  const more = [...book.wordsOf(line), line.note].filter(Boolean);
  return (
    <li class="line far-line">
      <div class="line-words"><strong>{name}</strong>{more.length > 0 && <span class="soft">{more.join(" · ")}</span>}</div>
      <span class="line-price number">{formatMoney(line.qty * guest.each(line), currency)}</span>
      <Stepper name={name} qty={line.qty} onChange={(qty) => guest.change(line, qty)} />
    </li>
  );
}

function Standing({ guest, sent, currency }: { guest: FarGuest; sent: Sent; currency: string }): JSX.Element {
  const { tone, title, more, over } = told(sent.outcome, guest.place.value);
  const book = guest.menu.value;
  return (
    <section class="standing" data-tone={tone} role="status" aria-live="polite">
      <strong>{title}</strong>
      <span>{more}</span>
      {sent.outcome.status !== "REFUSED" && sent.outcome.status !== "EXPIRED" && (
        <ul class="standing-lines">
          {sent.lines.map((line) => <li key={line.mid}><span class="number">{line.qty} ×</span> {book.items.get(line.menu_item)?.name ?? "Dish"}</li>)}
          <li class="soft number">{formatMoney(sent.total_minor, currency)}</li>
        </ul>
      )}
      {over && <button type="button" class="button" onClick={() => guest.seen()}>{sent.outcome.status === "DONE" ? "Order something else" : "All right"}</button>}
    </section>
  );
}
