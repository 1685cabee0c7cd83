/** One order and how far the kitchen has come with it. */
import type { ComponentChildren, JSX } from "preact";
import { formatMoney, type PlacedOrder } from "@holdfast/protocol";
import { Badge } from "../parts";
import { clockTime } from "../words";
import { stageOf, STEPS, wordsOf } from "./stage";

const NONE: ReadonlySet<number> = new Set();

export interface OrderCardProps {
  order: PlacedOrder;
  nameOf: (member: string) => string;
  /** Ids of lines that the kitchen does not make. */
  refused?: ReadonlySet<number>;
  children?: ComponentChildren;
}

export function OrderCard({ order, nameOf, refused = NONE, children }: OrderCardProps): JSX.Element {
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
          <li key={line.id} data-refused={refused.has(line.id)}>
            <span class="number">{line.qty}×</span>
            <span>
              {refused.has(line.id) ? <s>{line.name}</s> : line.name}
              {wordsOf(line).filter(Boolean).map((more) => <span class="soft"> · {more}</span>)}
              {refused.has(line.id) && <span class="order-refused">Not possible</span>}
            </span>
            <span class="soft">{nameOf(line.member)}</span>
          </li>
        ))}
      </ul>
      {children}
      <p class="soft order-foot">
        <span>{order.order_id} · {clockTime(order.placed_at)}</span>
        <span class="number">{formatMoney(order.total_minor, order.currency)}</span>
      </p>
    </li>
  );
}
