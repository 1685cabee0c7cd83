/**
 * What comes from afar and wants somebody: orders that were sent during an outage, refunds to decide, notes of the owner.
 *
 * Rule of the file: nothing goes to the kitchen by itself; whoever taps has seen what it is and how old. Lists are fetched
 * whenever the box says that something changed. Counterpart: `edge/web/staff/approval_desk.py`.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type Approvals as ApprovalList, type GivenWord, type HeldOrder, type OwnersNote, type RefundWanted } from "@holdfast/protocol";
import { clockTime, Empty, LastWord, span, useLastWord, Waiting } from "@holdfast/pages";
import "./afar.css";
import { wordsFor, type Desk } from "../desk";
import { manages, serves } from "../person";
import type { ViewProps } from "../view";
import { clock } from "../time";

/** The box tells of what changed, not that it answers again. */
const AGAIN_MS = 3_000;

export function Approvals({ house, desk }: ViewProps): JSX.Element {
  const list = useSignal<ApprovalList | null>(null);
  const problem = useSignal<string | null>(null);
  const take = (found: ApprovalList): void => {
    list.value = found;
    problem.value = null;
  };
  const word = useLastWord(() => new LastWord(() => desk.get<ApprovalList>("/api/v1/approvals"), take, (error) => (problem.value = wordsFor(error)), AGAIN_MS), []);
  useEffect(() => {
    void word.ask();
    return house.listen((message) => {
      if (message.type === "hello" || message.type === "afar") void word.ask();
    });
  }, []);
  return (
    <main class="view">
      <header class="view-head"><h1>Approvals</h1></header>
      {problem.value !== null && <p class="field-error" role="alert">{problem.value}</p>}
      {list.value === null ? problem.value === null && <Waiting words="Asking the box…" /> : <Lists list={list.value} desk={desk} now_ms={clock.value + house.skew_ms.value} />}
    </main>
  );
}

function Lists({ list, desk, now_ms }: { list: ApprovalList; desk: Desk; now_ms: number }): JSX.Element {
  const { orders, refunds, notes, currency } = list;
  if (orders.length + refunds.length + notes.length === 0) {
    return <Empty title="Nothing waits for you"><p>Orders that come late, refunds and messages of the owner appear here.</p></Empty>;
  }
  return (
    <>
      {notes.map((note) => <Note key={note.note_id} note={note} desk={desk} />)}
      {orders.length > 0 && <h2 class="afar-title">Sent while the internet was gone</h2>}
      <ul class="afar-cards">{orders.map((order) => <Order key={order.command_id} order={order} currency={currency} desk={desk} now_ms={now_ms} />)}</ul>
      {refunds.length > 0 && <h2 class="afar-title">Refunds to decide</h2>}
      <ul class="afar-cards">{refunds.map((refund) => <Refund key={refund.request_id} refund={refund} currency={currency} desk={desk} />)}</ul>
    </>
  );
}

function Note({ note, desk }: { note: OwnersNote; desk: Desk }): JSX.Element {
  return (
    <section class="afar-note" aria-label="Message of the owner">
      <p>{note.text}</p>
      <span class="soft">{(note.left_by ?? "").replace(/^owner:/, "")}, {clockTime(note.left_ms)}</span>
      <Acts desk={desk}>{(press) => <button type="button" class="button go" onClick={() => press(`/api/v1/notes/${note.note_id}/read`, {})}>I have read it</button>}</Acts>
    </section>
  );
}

/** Of a guest who could not be let in before; whoever sends the order to the kitchen lets them in. */
const GIVEN: Readonly<Record<GivenWord, string>> = {
  right: "Not at the table yet. They know today's pass word.",
  wrong: "Not at the table yet. They gave a wrong pass word; look who it is.",
  none: "Not at the table yet. They gave no pass word; look who it is.",
};

function Order({ order, currency, desk, now_ms }: { order: HeldOrder; currency: string; desk: Desk; now_ms: number }): JSX.Element {
  const age_s = order.waited_s + (now_ms - order.taken_ms) / 1_000;
  const gone = order.lines.some((line) => line.price_minor === null);
  return (
    <li class="afar-card">
      <header class="afar-head">
        <strong>{order.table ?? "A table that is closed"}{order.guest && `, ${order.guest}`}</strong>
        <strong class="afar-age">{span(age_s)} old</strong>
      </header>
      <p class="soft">{order.reason}</p>
      {order.word && <p class={order.word === "right" ? "soft" : "field-error"}>{GIVEN[order.word]}</p>}
      <ul class="afar-lines">
        {order.lines.map((line, place) => (
          <li key={place}>
            <span class="number">{line.qty}×</span>
            <span>{line.name}{[line.note, line.takeaway ? "take away" : ""].filter(Boolean).map((more) => <span class="soft"> · {more}</span>)}</span>
            <span class="number">{line.price_minor === null ? "not on the menu" : formatMoney(line.qty * line.price_minor, currency)}</span>
          </li>
        ))}
      </ul>
      {order.lines.length === 0 && <p>Everything in the cart of this table.</p>}
      {gone && <p class="field-error">Something of it is not on the menu any more.</p>}
      {serves(desk.me) && (
        <Acts desk={desk}>
          {(press) => (
            <>
              <button type="button" class="button go" onClick={() => press(`/api/v1/approvals/${order.command_id}`, { approve: true })}>Send to the kitchen{order.total_minor > 0 && ` · ${formatMoney(order.total_minor, currency)}`}</button>
              <button type="button" class="button danger" onClick={() => press(`/api/v1/approvals/${order.command_id}`, { approve: false })}>Decline</button>
            </>
          )}
        </Acts>
      )}
    </li>
  );
}

/** What the owner gives back is to be handed out as it came; of the rest a manager decides. */
function titleOf({ about, method, place }: RefundWanted): string {
  const where = place ? ` · ${place}` : "";
  if (method !== null) return `${method === "CASH" ? "Give back in cash" : "Give back on the terminal"}${where}`;
  return about.replace(/^order:/, "").replace(/^play:.*/, "Play time");
}

function Refund({ refund, currency, desk }: { refund: RefundWanted; currency: string; desk: Desk }): JSX.Element {
  const path = `/api/v1/refund_requests/${refund.request_id}`;
  const ordered = refund.method !== null;
  return (
    <li class="afar-card">
      <header class="afar-head">
        <strong>{titleOf(refund)}</strong>
        <strong class="number">{formatMoney(refund.amount_minor, currency)}</strong>
      </header>
      <p>{refund.reason}</p>
      <span class="soft">{(refund.requested_by ?? "").replace(/^owner:/, "")}, {clockTime(refund.requested_ms)}</span>
      {(ordered ? serves(desk.me) : manages(desk.me))
        ? (
          <Acts desk={desk}>
            {(press) => (
              <>
                <button type="button" class="button go" onClick={() => press(path, { granted: true })}>{ordered ? "I gave it back" : "Given back"}</button>
                <button type="button" class="button" onClick={() => press(path, { granted: false })}>{ordered ? "It cannot be done" : "No refund"}</button>
              </>
            )}
          </Acts>
        )
        : <p class="soft">A manager decides.</p>}
    </li>
  );
}

type Press = (path: string, body: object) => void;

/** Buttons that are busy together; the card goes when the box says that it is settled. */
function Acts({ desk, children }: { desk: Desk; children: (press: Press) => ComponentChildren }): JSX.Element {
  const busy = useSignal(false);
  const press: Press = (path, body) => {
    if (busy.value) return;
    busy.value = true;
    void desk.attempt(() => desk.send(path, body)).finally(() => (busy.value = false));
  };
  return <fieldset class="afar-acts" disabled={busy.value}>{children(press)}</fieldset>;
}
