/** What a table owes: lines, taxes and payments on the left, the till on the right. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type Bill, type BillLine, type StaffTable } from "@holdfast/protocol";
import { Badge, Empty, Face, Sheet, Waiting } from "@holdfast/pages";
import type { Desk } from "../desk";
import { Icon } from "../icons";
import { BillSums } from "../sums";
import { DiscountSheet, LineSheet } from "./adjust";
import { PayPanel } from "./pay";
import { Paying } from "./paying";
import { PaidSheet } from "./receipt";
import type { TableProps } from "./view";

export function BillMode({ whole, desk }: TableProps): JSX.Element {
  const bill = whole.bill.value;
  if (!bill) return <Waiting words="Asking the box for the bill…" />;
  return <BillDesk key={bill.session_pid} bill={bill} table={whole.table.value} desk={desk} onBill={(next) => whole.takeBill(next)} onRefresh={() => void whole.refresh()} />;
}

export interface BillDeskProps {
  bill: Bill;
  /** The table, while people sit there; null for a bill that was left behind. */
  table: StaffTable | null;
  desk: Desk;
  onBill: (bill: Bill | null) => void;
  onRefresh: () => void;
}

/** Also used by the till for bills of tables that were closed. */
export function BillDesk({ bill, table, desk, onBill, onRefresh }: BillDeskProps): JSX.Element {
  const paying = useMemo(() => new Paying(bill.session_pid, desk, onBill, onRefresh), [bill.session_pid]);
  const line = useSignal<string | null>(null);
  const over = useSignal<"discount" | "pay" | null>(null);
  const chosen = bill.lines.find((each) => each.id === line.value);
  const parts = { bill, table, desk, onBill };
  return (
    <div class="two">
      <section class="card bill" aria-label="Bill">
        {bill.lines.length === 0
          ? <Empty title="Nothing to pay yet"><p>What the kitchen gets is charged here by itself.</p></Empty>
          : <Lines {...parts} onOpen={(id) => (line.value = id)} onDiscount={() => (over.value = "discount")} />}
      </section>
      <aside class="beside"><PayPanel {...parts} paying={paying} /></aside>
      <button type="button" class="button go below" disabled={bill.lines.length === 0} onClick={() => (over.value = "pay")}>
        <Icon name="cash" />{bill.due_minor > 0 ? "Take money" : "Payments"} <span class="number">{formatMoney(bill.due_minor, bill.currency)}</span>
      </button>
      {over.value === "pay" && <Sheet label="Take money" class="tall" onClose={() => (over.value = null)}><PayPanel {...parts} paying={paying} /></Sheet>}
      {paying.paid.value && <PaidSheet paid={paying.paid.value} desk={desk} onClose={() => (paying.paid.value = null)} />}
      {over.value === "discount" && <DiscountSheet {...parts} onClose={() => (over.value = null)} />}
      {chosen && <LineSheet {...parts} line={chosen} onClose={() => (line.value = null)} />}
    </div>
  );
}

interface LinesProps extends Omit<BillDeskProps, "onRefresh"> {
  onOpen: (line: string) => void;
  onDiscount: () => void;
}

function Lines({ bill, table, desk, onBill, onOpen, onDiscount }: LinesProps): JSX.Element {
  const nameOf = (pid: string | null): string => table?.members.find((each) => each.member_pid === pid)?.name ?? "";
  const path = `/api/v1/bills/${bill.session_pid}`;
  const print = async (): Promise<void> => {
    if (await desk.attempt(() => desk.send(`${path}/print`))) desk.say("The bill is on its way to the printer.");
  };
  const away = bill.lines.every((line) => line.takeaway);
  const serve = (): Promise<boolean> => desk.attempt(async () => onBill(await desk.insist<Bill>(`${path}/service`, { takeaway: !away })));
  return (
    <>
      <ul class="lines">{bill.lines.map((line) => <Line key={line.id} line={line} bill={bill} name={nameOf(line.member)} onOpen={() => onOpen(line.id)} />)}</ul>
      <BillSums bill={bill} />
      <div class="bill-foot">
        <button type="button" class="button" onClick={() => void print()}><Icon name="print" />Print bill</button>
        <button type="button" class="button" disabled={bill.due_minor === 0} onClick={onDiscount}><Icon name="tag" />Discount</button>
        <button type="button" class="button" onClick={() => void serve()}>{away ? "Eaten here" : "Takeaway"}</button>
      </div>
    </>
  );
}

function Line({ line, bill, name, onOpen }: { line: BillLine; bill: Bill; name: string; onOpen: () => void }): JSX.Element {
  return (
    <li class="line" data-gone={line.left === 0}>
      <button type="button" class="line-button" aria-label={`Change ${line.name}`} disabled={line.left === 0} onClick={onOpen}>
        <span class="number line-qty">{line.left}×</span>
        <span class="line-words">
          {line.name}{line.modifiers.length > 0 && <span class="soft"> {line.modifiers.join(", ")}</span>}
          {line.voided > 0 && <Badge tone="bad">{line.voided} void</Badge>}
          {line.comped > 0 && <Badge tone="good">{line.comped} on the house</Badge>}
          {line.discount_minor > 0 && <Badge tone="warn">−{formatMoney(line.discount_minor, bill.currency)}</Badge>}
          {line.takeaway && <Badge>takeaway</Badge>}
        </span>
        {name && line.member && <Face id={line.member} name={name} small />}
        <span class="number line-price">{formatMoney(line.amount_minor, bill.currency)}</span>
      </button>
    </li>
  );
}
