/** The table's orders and how far the kitchen has come with each. */
import type { JSX } from "preact";
import { formatMoney, type OrderedLine, type PlacedOrder } from "@holdfast/protocol";
import { Badge, clockTime, Empty, type Tone } from "@holdfast/pages";
import { BillCard } from "./bill";
import type { Table } from "./table";

export interface Stage {
  /** How many of the four steps are done; 0 where the order left the path. */
  step: number;
  short: string;
  words: string;
  tone: Tone;
}

const STAGES: Readonly<Record<string, Stage>> = {
  processing: { step: 0, short: "pending", words: "Your order is being processed...", tone: "calm" },
  confirmed: { step: 1, short: "placed", words: "The kitchen has your order", tone: "good" },
  accepted: { step: 1, short: "accepted", words: "The kitchen has accepted it", tone: "good" },
  preparing: { step: 2, short: "preparing", words: "Being prepared", tone: "good" },
  ready: { step: 3, short: "ready", words: "Ready!", tone: "good" },
  served: { step: 4, short: "served", words: "Served. Enjoy!", tone: "calm" },
  rejected: { step: 0, short: "not possible", words: "The kitchen cannot make this. Please ask the staff.", tone: "bad" },
  failed: { step: 0, short: "failed", words: "This order did not go through", tone: "bad" },
  abandoned: { step: 0, short: "cancelled", words: "This order was given up", tone: "bad" },
};
const STEPS = ["Placed", "Preparing", "Ready", "Served"];

export function stageOf(status: string): Stage {
  return STAGES[status] ?? { step: 1, short: status, words: status, tone: "calm" };
}

export function OrderList({ table, onBill }: { table: Table; onBill: () => void }): JSX.Element {
  const orders = [...table.orders.value].reverse();
  if (orders.length === 0) return <Empty title="No orders yet" />;
  return (
    <div class="stack">
      <h2>Orders</h2>
      <ul class="orders">{orders.map((order) => <Order key={order.order_id} order={order} nameOf={table.nameOf} />)}</ul>
      <BillCard table={table} onOpen={onBill} />
    </div>
  );
}

/** What else is to be read of a line: parts of a combo, options, a note, where it is eaten. */
export function wordsOf({ parts, modifiers, note, takeaway }: OrderedLine): string[] {
  return [...parts.map((part) => [part.name, ...part.modifiers].join(", ")), ...modifiers, note, takeaway ? "take away" : ""];
}

function Order({ order, nameOf }: { order: PlacedOrder; nameOf: (member: string) => string }): JSX.Element {
  const stage = stageOf(order.status);
  return (
    <li class="order">
      <div class="order-head">
        <strong class="order-ticket number">{order.ticket ?? "…"}</strong>
        <Badge tone={stage.tone}>{stage.words}</Badge>
      </div>
      {stage.step > 0 && (
        <ol class="steps" aria-label={`Step ${stage.step} of ${STEPS.length}: ${stage.words}`}>
          {STEPS.map((name, index) => <li key={name} data-done={index < stage.step}>{name}</li>)}
        </ol>
      )}
      <ul class="order-lines">
        {order.items.map((line) => (
          <li key={line.id}>
            <span class="number">{line.qty}×</span>
            <span>{line.name}{wordsOf(line).filter(Boolean).map((more) => <span class="soft"> · {more}</span>)}</span>
            <span class="soft">{nameOf(line.member)}</span>
          </li>
        ))}
      </ul>
      <p class="soft order-foot">
        <span>{order.order_id} · {clockTime(order.placed_at)}</span>
        <span class="number">{formatMoney(order.total_minor, order.currency)}</span>
      </p>
    </li>
  );
}
