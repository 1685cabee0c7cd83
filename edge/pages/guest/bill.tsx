/**
 * What the table owes, on every guest's phone: lines, taxes, shares, what was paid, and the receipts.
 *
 * Fetched while somebody looks at it, and again whenever the table is heard to have changed. Money is taken by the
 * staff, or on the card provider's page (`paycard.tsx`). Counterparts: `GET /bill` and `GET /bill/receipts` of the box.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, type Bill, type BillLine, type BillShare, type Joined, type Receipt, type Receipts } from "@holdfast/protocol";
import { ask, Badge, Empty, LastWord, Sheet, useLastWord, Waiting } from "@holdfast/pages";
import { BillSums } from "../staff/sums";
import { PayByCard } from "./paycard";
import type { Table } from "./table";

/** Nobody tells that the box answers again while the table itself stays as it is. */
const AGAIN_MS = 3_000;

interface Looked {
  bill: Signal<Bill | null>;
  receipts: Signal<Receipt[]>;
  /** The box did not answer; what is shown may be old. */
  old: Signal<boolean>;
}

function useBill(table: Table): Looked {
  const looked = { bill: useSignal<Bill | null>(null), receipts: useSignal<Receipt[]>([]), old: useSignal(false) };
  const me = table.me.value;
  const word = useLastWord(() => wordOf(me, looked), [me]);
  useEffect(() => void word.ask(), [word, table.adopted.value]);
  return looked;
}

type Asked = [bill: Bill, receipts: Receipt[]] | null;

function wordOf(me: Joined | null, { bill, receipts, old }: Looked): LastWord<Asked> {
  const get = async <T,>(path: string, { session_pid, ws_token }: Joined): Promise<T> =>
    (await ask<T>("GET", `${path}?session_pid=${encodeURIComponent(session_pid)}`, { token: ws_token })).body;
  const question = async (): Promise<Asked> => {
    if (!me) return null;
    const found = await get<Bill>("/bill", me);
    const known = receipts.peek();
    return [found, found.receipts.length === known.length ? known : (await get<Receipts>("/bill/receipts", me)).receipts];
  };
  const take = (asked: Asked): void => {
    [bill.value, receipts.value] = asked ?? [null, []];
    old.value = false;
  };
  return new LastWord(question, take, () => (old.value = true), AGAIN_MS);
}

/** In short, under the orders: what is due, and the way to the whole. */
export function BillCard({ table, onOpen }: { table: Table; onOpen: () => void }): JSX.Element | null {
  const { bill } = useBill(table);
  if (!bill.value || bill.value.lines.length === 0) return null;
  const { due_minor, total_minor, currency, status } = bill.value;
  return (
    <div class="bill-card">
      <p class="total">
        <span>{status === "settled" ? "Paid" : "To pay"}</span>
        <strong class="number">{formatMoney(status === "settled" ? total_minor : due_minor, currency)}</strong>
      </p>
      <button type="button" class="button wide" onClick={onOpen}>See the bill</button>
    </div>
  );
}

export function BillSheet({ table, onClose }: { table: Table; onClose: () => void }): JSX.Element {
  const { bill, receipts, old } = useBill(table);
  return (
    <Sheet label="Bill" onClose={onClose}>
      {bill.value
        ? <Whole bill={bill.value} receipts={receipts.value} table={table} old={old.value} />
        : <Waiting words={old.value ? "The box does not answer. Trying again…" : "Asking for the bill…"} />}
    </Sheet>
  );
}

interface WholeProps {
  bill: Bill;
  receipts: Receipt[];
  table: Table;
  old: boolean;
}

function Whole({ bill, receipts, table, old }: WholeProps): JSX.Element {
  const me = table.me.value?.member_pid;
  const mine_minor = bill.lines.filter((line) => line.member === me).reduce((sum, line) => sum + line.amount_minor, 0);
  if (bill.lines.length === 0) return <Empty title="Nothing to pay yet"><p>What the kitchen gets for you stands here.</p></Empty>;
  return (
    <div class="stack">
      <h2>Bill</h2>
      {old && <p class="soft" role="status">Connection lost. This may be old.</p>}
      <ul class="bill-lines">{bill.lines.map((line) => <Line key={line.id} line={line} currency={bill.currency} name={line.member ? table.nameOf(line.member) : ""} />)}</ul>
      <BillSums bill={bill} />
      {mine_minor > 0 && mine_minor !== bill.total_minor && <p class="total mine"><span>Ordered for you</span><span class="number">{formatMoney(mine_minor, bill.currency)}</span></p>}
      {bill.shares.length > 0 && <Shares bill={bill} />}
      {bill.status === "settled"
        ? <p class="paid-words">Everything is paid. Thank you!</p>
        : <p class="soft">Pay with the staff, together or each their own, or here by card.</p>}
      <PayByCard bill={bill} table={table} />
      <a class="button wide" href="/balance">See your balance</a>
      {receipts.map((receipt) => (
        <section key={receipt.number} class="receipt" aria-label={`Receipt ${receipt.number}`}>
          <h3>{receipt.kind === "refund" ? "Refund" : "Receipt"} {receipt.number}</h3>
          <pre class="slip-text">{receipt.text}</pre>
        </section>
      ))}
    </div>
  );
}

function Line({ line, currency, name }: { line: BillLine; currency: string; name: string }): JSX.Element {
  return (
    <li data-gone={line.left === 0}>
      <span class="number">{line.left || line.qty}×</span>
      <span>
        {line.name}{[...line.modifiers, name].filter(Boolean).map((more) => <span class="soft"> · {more}</span>)}
        {line.comped > 0 && <> <Badge tone="good">on the house</Badge></>}
        {line.voided > 0 && <> <Badge>{line.voided} taken off</Badge></>}
      </span>
      <span class="number">{formatMoney(line.amount_minor, currency)}</span>
    </li>
  );
}

function Shares({ bill }: { bill: Bill }): JSX.Element {
  return (
    <section aria-label="Shares">
      <h3>Shares</h3>
      <ul class="bill-lines">{bill.shares.map((share) => (
        <li key={share.id}>
          <span>{share.due_minor === 0 ? "✓" : ""}</span>
          <span>{named(share)}</span>
          <span class="number">{share.due_minor === 0 ? "paid" : formatMoney(share.due_minor, bill.currency)}</span>
        </li>
      ))}</ul>
    </section>
  );
}

const named = ({ id, label }: BillShare): string => (id === 0 ? "The rest" : label === "" || label === String(id) ? `Share ${id}` : label);
