/** The shared cart: who added what, who may change what, and the one button that orders it. */
import type { JSX } from "preact";
import type { Signal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Empty, Face, Waiting } from "@holdfast/pages";
import type { Asking } from "./asking";
import { Allergens } from "@holdfast/pages/menu/choosing";
import type { Change } from "./intents";
import { mayChange, type Line } from "./lines";
import { buttonFor, wordsFor } from "./ordering";
import { Stepper } from "@holdfast/pages/menu/stepper";
import type { Table } from "./table";

export interface BasketProps {
  table: Table;
  asking: Asking;
  instructions: Signal<string>;
}

export function Basket({ table, asking, instructions }: BasketProps): JSX.Element {
  const lines = table.lines.value;
  if (!table.synced.value && lines.length === 0) return <Waiting words="Fetching the table's cart…" />;
  return (
    <div class="stack">
      <h2>The table's cart</h2>
      {lines.length === 0
        ? <Empty title="Nothing here yet"><p>Whatever anyone at the table adds appears here at once.</p></Empty>
        : <ul class="lines">{lines.map((line) => <CartLine key={line.key} line={line} table={table} asking={asking} />)}</ul>}
      {lines.length > 0 && <Checkout table={table} asking={asking} instructions={instructions} />}
    </div>
  );
}

function CartLine({ line, table, asking }: { line: Line; table: Table; asking: Asking }): JSX.Element {
  const me = table.me.value?.member_pid ?? "";
  const owner = line.member === me ? "you" : table.nameOf(line.member);
  const allowed = mayChange(line, me, table.host.value);
  const details = [...table.menu.value.wordsOf(line), line.note].filter(Boolean);
  const change = (wanted: Partial<Change>): void => {
    asking.cartTouched();
    table.change(line, wanted);
  };
  const locked = !allowed || table.frozen.value;
  return (
    <li class="line" data-saving={line.saving}>
      <Face id={line.member} name={table.nameOf(line.member)} />
      <div class="line-words">
        <strong>{line.name}</strong>
        {details.length > 0 && <span class="soft">{details.join(" · ")}</span>}
        <span class="soft">added by {owner}{line.saving && " · saving…"}</span>
        {(table.menu.value.menu.takeaway || line.takeaway) && (
          <button type="button" class="chip small" aria-pressed={line.takeaway} disabled={locked} onClick={() => change({ takeaway: !line.takeaway })}>
            {line.takeaway ? "Take away" : "Eat here"}
          </button>
        )}
      </div>
      {line.recalled && <Recall line={line} table={table} disabled={locked} onAgree={() => change({ confirm: true })} onRemove={() => change({ qty: 0 })} />}
      <span class="line-price number">{formatMoney(line.qty * line.price_minor, table.menu.value.menu.currency)}</span>
      <Stepper
        name={line.name} qty={line.qty} onChange={(qty) => change({ qty })} disabled={locked}
        title={allowed ? undefined : `Only ${owner} or the host can change this`}
      />
    </li>
  );
}

interface RecallProps {
  line: Line;
  table: Table;
  disabled: boolean;
  onAgree: () => void;
  onRemove: () => void;
}

/** The dish is not what was added, or its price is not held any longer: nobody gets it unasked. */
function Recall({ line, table, disabled, onAgree, onRemove }: RecallProps): JSX.Element {
  const book = table.menu.value;
  const dish = book.items.get(line.menu_item);
  const now = dish && formatMoney(line.qty * book.priceOf(dish, line), book.menu.currency);
  const changed = line.recalled !== "withdrawn";
  const words = line.recalled === "repriced" ? `The price has changed: ${now} now.` : `This dish has changed: ${dish?.name ?? line.name}, ${now}.`;
  return (
    <div class="recall" role="alert">
      <p>{changed ? words : "This is no longer on the menu."}</p>
      {line.recalled === "changed" && dish && <Allergens names={dish.allergens} />}
      <p class="recall-ways">
        {changed && <button type="button" class="button go" disabled={disabled} onClick={onAgree}>Keep it</button>}
        <button type="button" class="button" disabled={disabled} onClick={onRemove}>Remove</button>
      </p>
    </div>
  );
}

function Checkout({ table, asking, instructions }: BasketProps): JSX.Element {
  const ordering = table.ordering.value;
  const around = table.around.value;
  const button = buttonFor(ordering, around);
  const words = wordsFor(ordering, around);
  return (
    <>
      <label class="field">
        <span>For the kitchen</span>
        <textarea
          class="input" rows={2} maxLength={280} placeholder="Anything the kitchen should know?" disabled={table.frozen.value}
          value={instructions.value} onInput={(event) => (instructions.value = event.currentTarget.value)}
        />
      </label>
      <p class="total">
        <span>Total</span>
        <strong class="number">{formatMoney(table.total_minor.value, table.menu.value.menu.currency)}</strong>
      </p>
      <p class="order-words" role="status" data-stage={ordering.stage}>{table.lost.value ? "Connection lost. Reconnecting..." : words}</p>
      <button
        type="button" class={`button wide order-button ${button.tone}`} disabled={!button.enabled}
        onClick={() => void asking.press(instructions.value)}
      >
        {button.words}
      </button>
    </>
  );
}
