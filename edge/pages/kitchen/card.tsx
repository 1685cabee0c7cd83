/** One ticket on the rail, readable across a room and moved on with one finger. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { KitchenTicket, OrderedLine } from "@holdfast/protocol";
import { stopwatch } from "@holdfast/pages";
import { bumpKeyOf, fireKeyOf, type Board } from "./board";
import { ageOf, keyOf, stepsFrom, type Coming, type Step } from "./rail";

export interface CardProps {
  ticket: KitchenTicket;
  board: Board;
  /** The box's time. */
  now_ms: number;
}

const SURE_MS = 4_000;

const WORDS: Readonly<Record<string, string>> = {
  fired: "New", received: "New", accepted: "Accepted", preparing: "Preparing", recalled: "Recalled", ready: "Ready",
};

export function Card({ ticket, board, now_ms }: CardProps): JSX.Element {
  const age_s = (now_ms - Date.parse(ticket.placed_at)) / 1_000;
  const [main, ...others] = stepsFrom(ticket.state);
  const pressed = board.pressed.value.get(keyOf(ticket));
  const busy = pressed !== undefined && pressed.state !== "received";
  return (
    <article class="ticket" data-age={ticket.state === "ready" ? "ready" : ageOf(age_s)} data-state={ticket.state} aria-label={`Ticket ${ticket.ticket}`}>
      <header class="ticket-head">
        <strong class="ticket-name number">{ticket.ticket}</strong>
        <span class="ticket-table">{ticket.table}</span>
        <time class="ticket-age number">{stopwatch(age_s)}</time>
      </header>
      <p class="ticket-state">
        <span>{WORDS[ticket.state] ?? ticket.state}{ticket.course && ` · ${ticket.course}`}</span>
        {board.stations.value.length > 1 && <span>{ticket.station}</span>}
      </p>
      {ticket.special_instructions && <p class="ticket-word">{ticket.special_instructions}</p>}
      <ul class="ticket-items">{ticket.items.map((item) => <Item key={item.id} item={item} ticket={ticket} board={board} />)}</ul>
      <footer class="ticket-foot">
        {others.map((step) => <Small key={step.to} step={step} disabled={busy} onPress={() => board.press(ticket, step.to)} />)}
        {main && (
          <button type="button" class="step" disabled={busy} onClick={() => board.press(ticket, main.to)}>
            {busy ? "…" : main.words}
          </button>
        )}
      </footer>
    </article>
  );
}

/** A later course: what it will be, and the button that lets the kitchen begin. */
export function ComingCard({ coming, board }: { coming: Coming; board: Board }): JSX.Element {
  const [first] = coming.tickets;
  const busy = board.firing.value.has(fireKeyOf(coming));
  return (
    <article class="coming" aria-label={`Coming ${first!.ticket}`}>
      <header>
        <strong class="number">{first!.ticket}</strong> {first!.table}
        <span class="coming-course">{coming.course}</span>
      </header>
      <p>{coming.tickets.flatMap((ticket) => ticket.items).map((item) => `${item.qty} ${item.name}`).join(", ")}</p>
      <footer class="ticket-foot">
        <Small step={{ to: "rejected", words: "Cancel" }} disabled={busy} onPress={() => coming.tickets.forEach((ticket) => board.press(ticket, "rejected"))} />
        <button type="button" class="step" disabled={busy} onClick={() => board.fire(coming)}>{busy ? "…" : "Fire"}</button>
      </footer>
    </article>
  );
}

interface SmallProps {
  step: Step;
  disabled: boolean;
  onPress: () => void;
}

/** A rejected ticket does not come back, so that takes two taps. */
function Small({ step, disabled, onPress }: SmallProps): JSX.Element {
  const sure = useSignal(step.to !== "rejected");
  const press = (): void => {
    if (sure.value) return onPress();
    sure.value = true;
    setTimeout(() => (sure.value = false), SURE_MS);
  };
  const asking = step.to === "rejected" && sure.value;
  return (
    <button type="button" class="step small" data-asking={asking} disabled={disabled} onClick={press}>
      {asking ? "Sure?" : step.words}
    </button>
  );
}

interface ItemProps {
  item: OrderedLine;
  ticket: KitchenTicket;
  board: Board;
}

/** A tap bumps the item, another one takes that back; the last one bumped makes the ticket ready. */
function Item({ item, ticket, board }: ItemProps): JSX.Element {
  const done = ticket.done.includes(item.id);
  const busy = board.bumping.value.has(bumpKeyOf(ticket, item.id));
  const open = stepsFrom(ticket.state).some((step) => step.to === "rejected") || ticket.state === "recalled";
  return (
    <li data-done={done} data-busy={busy}>
      <button type="button" class="item-bump" aria-pressed={done} aria-label={`${item.qty} ${item.name} done`} disabled={!open || busy}
        onClick={() => board.bump(ticket, item.id)} />
      <strong class="item-qty number">{item.qty}</strong>
      <span class="item-name">{item.name}{item.takeaway && <em class="item-away">take away</em>}</span>
      {item.of && <span class="item-of">{item.of}</span>}
      {item.modifiers.length > 0 && <span class="item-more">{item.modifiers.join(", ")}</span>}
      {item.note && <span class="item-note">{item.note}</span>}
    </li>
  );
}

export function DoneCard({ ticket, board }: { ticket: KitchenTicket; board: Board }): JSX.Element {
  const [recall] = stepsFrom(ticket.state);
  return (
    <p class="done">
      <strong class="number">{ticket.ticket}</strong> {ticket.table} <span class="soft">{ticket.state}</span>
      {recall && (
        <button type="button" class="step small" disabled={board.pressed.value.has(keyOf(ticket))} onClick={() => board.press(ticket, recall.to)}>
          {recall.words}
        </button>
      )}
    </p>
  );
}
