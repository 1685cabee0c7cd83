/** What the kitchen has of this table: each order with how far it is, its slip once more, and what to do in doubt. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type PlacedOrder, type StaffOrder } from "@holdfast/protocol";
import { Badge, clockTime } from "@holdfast/pages";
import { stageOf, wordsOf } from "@holdfast/pages/menu/stage";
import { Icon } from "../icons";
import { DoubtCard } from "../doubt";
import { Courses } from "./courses";
import type { TableProps } from "./view";

const UNSETTLED: ReadonlySet<string> = new Set(["processing", "failed"]);

export function OrderCards({ house, whole, desk }: TableProps): JSX.Element | null {
  const table = whole.table.value;
  const placed = [...(whole.cart.value?.orders ?? [])].reverse();
  const unsettled = [...house.orders.value.values()].filter((order) => order.session_pid === table?.session_pid && UNSETTLED.has(order.status));
  if (placed.length === 0 && unsettled.length === 0) return null;
  return (
    <section class="card" aria-label="Orders">
      <h2>Orders</h2>
      {unsettled.map((order) => <Unsettled key={order.order_id} order={order} house={house} desk={desk} />)}
      <ul class="order-cards">{placed.map((order) => <OrderCard key={order.order_id} order={order} house={house} desk={desk} />)}</ul>
    </section>
  );
}

function Unsettled({ order, house, desk }: { order: StaffOrder } & Pick<TableProps, "house" | "desk">): JSX.Element {
  const doubt = house.alarms.value.find((alarm) => alarm.key === `pos_in_doubt:${order.order_id}`);
  if (doubt) return <DoubtCard order_id={order.order_id} message={doubt.message} desk={desk} />;
  const stage = stageOf(order.status);
  return <p class="order-line"><strong class="number">{order.order_id}</strong><Badge tone={stage.tone}>{stage.short}</Badge><span class="number">{formatMoney(order.total_minor, order.currency)}</span></p>;
}

function OrderCard({ order, house, desk }: { order: PlacedOrder } & Pick<TableProps, "house" | "desk">): JSX.Element {
  const open = useSignal(false);
  const stage = stageOf(order.status);
  const reprint = async (): Promise<void> => {
    const done = await desk.attempt(() => desk.insist(`/api/v1/orders/${encodeURIComponent(order.order_id)}/reprint`, {}));
    if (done) desk.say(`${order.ticket ?? order.order_id} is printed again.`);
  };
  return (
    <li class="order-card">
      <button type="button" class="order-line" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <strong class="number">{order.ticket ?? order.order_id}</strong>
        <Badge tone={order.status === "ready" ? "good" : stage.tone}>{stage.short}</Badge>
        <span class="soft number">{clockTime(order.placed_at)}</span>
        <span class="number line-price">{formatMoney(order.total_minor, order.currency)}</span>
      </button>
      <Courses order_id={order.order_id} held={house.orders.value.get(order.order_id)?.held ?? []} desk={desk} />
      {open.value && (
        <div class="order-more">
          <ul>{order.items.map((line) => (
            <li key={line.id}><span class="number">{line.qty}×</span> {line.name}{wordsOf(line).filter(Boolean).map((more) => <span class="soft">, {more}</span>)}</li>
          ))}</ul>
          {order.special_instructions && <p class="soft">{order.special_instructions}</p>}
          <button type="button" class="button" onClick={() => void reprint()}><Icon name="print" />Print ticket again</button>
        </div>
      )}
    </li>
  );
}
