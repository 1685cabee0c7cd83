/**
 * One order: how it stands, what is in it, and what can be done about it.
 *
 * Whoever comes back from the payment page may be quicker than the news of the payment, so the provider is asked once at
 * once, and the page looks again every few seconds for as long as money may be on its way.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { formatMoney } from "@holdfast/protocol";
import { Badge, clockTime } from "@holdfast/pages";
import { Shown, useAct, useFound } from "./asked";
import { go, type Counter } from "./counter";
import { Picture } from "./picture";
import type { Order } from "./shapes";
import { Sums } from "./sums";
import { awaited, countryName, payable, said, shortNumber, steps } from "./words";

const LOOK_EVERY_MS = 4_000;

export function OrderView({ counter, order_id }: { counter: Counter; order_id: string }): JSX.Element {
  const found = useFound<Order>(order_id, async () => {
    const order = await counter.order(order_id);
    return awaited(order) ? counter.look(order_id).catch(() => order) : order;
  });
  const order = found.body;
  useEffect(() => {
    if (!order || order.status === "delivered" || order.status === "cancelled") return;
    const every = setInterval(() => document.visibilityState === "visible" && found.again(), awaited(order) ? LOOK_EVERY_MS : 5 * LOOK_EVERY_MS);
    return () => clearInterval(every);
  }, [order?.status, order?.payment_status]);
  return <Shown of={found} waiting="Looking for your order…">{(body) => <Whole counter={counter} order={body} />}</Shown>;
}

function Whole({ counter, order }: { counter: Counter; order: Order }): JSX.Element {
  const state = said(order);
  return (
    <>
      <header class="order-top">
        <p class="soft">{order.venue}</p>
        <h1>Order {shortNumber(order.number)}</h1>
        <div role="status"><Badge tone={state.tone}>{state.words}</Badge></div>
        <p>{state.more}</p>
      </header>
      <Actions counter={counter} order={order} />
      {order.paid_at !== null && order.status !== "cancelled" && <Way order={order} />}
      <section class="panel" aria-label="What is in it">
        <ul class="things">
          {order.lines.map((line) => (
            <li key={line.line} class="thing">
              <Picture counter={counter} design_id={line.design_id} alt={line.name} />
              <span class="thing-words"><strong>{line.name}</strong><span class="soft">{line.quantity} ×</span></span>
              <span class="number">{formatMoney(line.gross_minor, order.currency)}</span>
            </li>
          ))}
        </ul>
        <Sums price={order} ships={order.address !== null} refunded_minor={order.refunded_minor} />
      </section>
      <section class="panel" aria-label="Where it goes">
        <h2>{order.address ? "Goes to" : "Collected by"}</h2>
        <Destination order={order} />
      </section>
    </>
  );
}

function Way({ order }: { order: Order }): JSX.Element {
  return (
    <section class="panel" aria-label="How far it is">
      <ol class="way-steps">
        {steps(order).map((step) => (
          <li key={step.words} data-done={step.done}>
            <span class="way-dot" aria-hidden="true" />
            <span>{step.words}</span>
            <span class="soft small">{step.when ? `${new Date(step.when).toLocaleDateString()} ${clockTime(step.when)}` : step.done ? "done" : ""}</span>
          </li>
        ))}
      </ol>
      {order.parcel?.tracking_number && <p>{order.parcel.carrier || "Tracking"}: <strong class="tracking">{order.parcel.tracking_number}</strong></p>}
    </section>
  );
}

function Destination({ order }: { order: Order }): JSX.Element {
  const { address } = order;
  return (
    <address class="destination">
      <strong>{order.name}</strong>
      {address && <>
        {address.more && <span>{address.more}</span>}
        <span>{address.street}</span>
        <span>{address.postal_code} {address.city}</span>
        <span>{countryName(address.country)}</span>
      </>}
      {order.email && <span class="soft">{order.email}</span>}
      {order.note && <span class="soft">“{order.note}”</span>}
    </address>
  );
}

function Actions({ counter, order }: { counter: Counter; order: Order }): JSX.Element | null {
  const act = useAct();
  const again = (): void => act.run(async () => go("order", (await counter.again(order)).order_id));
  const pay = (): void => act.run(() => counter.pay(order.order_id));
  const over = order.paid_at !== null || order.status === "cancelled";
  return (
    <div class="order-actions">
      {payable(order) && <button type="button" class="button go wide" disabled={act.busy} onClick={pay}>{act.busy ? "One moment…" : `Pay ${formatMoney(order.total_minor, order.currency)}`}</button>}
      {over && <button type="button" class="button wide" disabled={act.busy} onClick={again}>{act.busy ? "One moment…" : "Order it again"}</button>}
      {over && order.lines[0] && <p class="soft small">Ordering again copies the design as it was, at today's price. Nothing is charged before you pay.</p>}
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
    </div>
  );
}
