/** What is in the cart on this phone, the one button that orders it, and what became of what is on its way. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { Empty } from "@holdfast/pages";
import { Allergens } from "@holdfast/pages/menu/choosing";
import { Stepper } from "@holdfast/pages/menu/stepper";
import { flawOf, priceNow, type FarLine, type Flaw } from "./cart";
import type { FarGuest } from "./guest";
import type { Sent } from "./sending";
import { barred, told } from "./standing";

export function Basket({ guest }: { guest: FarGuest }): JSX.Element {
  const sent = guest.sent.value;
  const lines = guest.lines.value;
  const { currency } = guest.menu.value.menu;
  const entering = guest.seat.value?.session_pid === null;
  return (
    <div class="stack">
      <h2>Your order</h2>
      {sent && <Standing guest={guest} sent={sent} currency={currency} />}
      {entering && <p class="standing" data-tone="calm" role="status"><strong>Asking the venue for a seat at the table…</strong><span>This takes a few seconds. Nothing is ordered before that.</span></p>}
      {lines.length === 0 && !sent && !entering && <Empty title="Nothing here yet"><p>Choose something from the menu.</p></Empty>}
      {lines.length > 0 && <ul class="lines">{lines.map((line) => <Line key={line.mid} guest={guest} line={line} currency={currency} />)}</ul>}
      {lines.length > 0 && <Checkout guest={guest} busy={entering || !guest.isOver} currency={currency} />}
    </div>
  );
}

function Checkout({ guest, busy, currency }: { guest: FarGuest; busy: boolean; currency: string }): JSX.Element {
  const why = barred(guest.place.value);
  const flawed = guest.flawed.value;
  const words = busy ? "One moment…" : flawed ? "Check the changed dishes" : "Place Order";
  return (
    <>
      <label class="field">
        <span>For the kitchen</span>
        <textarea
          class="input" rows={2} maxLength={280} placeholder="Anything the kitchen should know?"
          value={guest.instructions.value} onInput={(event) => (guest.instructions.value = event.currentTarget.value)}
        />
      </label>
      <p class="total"><span>Total</span><strong class="number">{formatMoney(guest.total_minor.value, currency)}</strong></p>
      {why && <p class="field-error" role="alert">{why}</p>}
      <button type="button" class="button go wide order-button" disabled={busy || flawed || why !== null} onClick={() => guest.order()}>{words}</button>
    </>
  );
}

function Line({ guest, line, currency }: { guest: FarGuest; line: FarLine; currency: string }): JSX.Element {
  const book = guest.menu.value;
  const name = book.items.get(line.menu_item)?.name ?? (line.name || "A dish");
  const more = [...book.wordsOf(line), line.note].filter(Boolean);
  const flaw = flawOf(book, line);
  return (
    <li class="line far-line">
      <div class="line-words">
        <strong>{name}</strong>
        {more.length > 0 && <span class="soft">{more.join(" · ")}</span>}
        {(book.menu.takeaway || line.takeaway) && (
          <button type="button" class="chip small" aria-pressed={line.takeaway} aria-label={`${name}: ${line.takeaway ? "take away" : "eat here"}`} onClick={() => guest.change(line, { takeaway: !line.takeaway })}>
            {line.takeaway ? "Take away" : "Eat here"}
          </button>
        )}
      </div>
      {flaw && <Recall guest={guest} line={line} name={name} flaw={flaw} currency={currency} />}
      <span class="line-price number">{formatMoney(line.qty * priceNow(book, line), currency)}</span>
      <Stepper name={name} qty={line.qty} onChange={(qty) => guest.change(line, { qty })} />
    </li>
  );
}

const FLAWS: Readonly<Record<Exclude<Flaw, "dearer">, string>> = {
  withdrawn: "This is no longer on the menu.", sold_out: "This has just sold out.", not_now: "This is not served now.",
};

/** It is not as it was chosen: nobody gets it unasked. */
function Recall({ guest, line, name, flaw, currency }: { guest: FarGuest; line: FarLine; name: string; flaw: Flaw; currency: string }): JSX.Element {
  const book = guest.menu.value;
  const dish = book.items.get(line.menu_item);
  const words = flaw === "dearer" ? `The price has changed: ${formatMoney(line.qty * priceNow(book, line), currency)} now.` : FLAWS[flaw];
  return (
    <div class="recall" role="alert">
      <p>{words}</p>
      {flaw === "dearer" && dish && <Allergens names={dish.allergens} />}
      <p class="recall-ways">
        {flaw === "dearer" && <button type="button" class="button go" aria-label={`Keep ${name}`} onClick={() => guest.agree(line)}>Keep it</button>}
        <button type="button" class="button" aria-label={`Take ${name} out`} onClick={() => guest.change(line, { qty: 0 })}>Remove</button>
      </p>
    </div>
  );
}

function Standing({ guest, sent, currency }: { guest: FarGuest; sent: Sent; currency: string }): JSX.Element {
  const { tone, title, more, over } = told(sent.outcome, guest.place.value, sent.first !== null);
  const book = guest.menu.value;
  const nothing = sent.outcome.status === "REFUSED" || sent.outcome.status === "EXPIRED";
  return (
    <section class="standing" data-tone={tone} role="status" aria-live="polite">
      <strong>{title}</strong>
      <span>{more}</span>
      {!nothing && (
        <ul class="standing-lines">
          {sent.lines.map((line) => <li key={line.mid}><span class="number">{line.qty} ×</span> {book.items.get(line.menu_item)?.name ?? (line.name || "Dish")}</li>)}
          <li class="soft number">{formatMoney(sent.total_minor, currency)}</li>
        </ul>
      )}
      {over && <button type="button" class="button" onClick={() => guest.seen()}>{sent.outcome.status === "DONE" ? "Order something else" : "All right"}</button>}
    </section>
  );
}
