/** What was ordered from this browser, and the way to see what was ordered from another one. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge } from "@holdfast/pages";
import { Shown, useAct, useFound } from "./asked";
import type { Counter } from "./counter";
import { Field } from "./field";
import type { Order } from "./shapes";
import { said, shortNumber } from "./words";

export function History({ counter }: { counter: Counter }): JSX.Element {
  const found = useFound<Order[]>("history", counter.history);
  return (
    <>
      <h1>Your orders</h1>
      <Shown of={found} waiting="Looking…">
        {(orders) => (orders.length === 0 ? <p class="soft">Nothing was ordered from this browser yet.</p> : <ul class="past">{orders.map((order) => <Row key={order.order_id} order={order} />)}</ul>)}
      </Shown>
      <SendLink counter={counter} />
    </>
  );
}

function Row({ order }: { order: Order }): JSX.Element {
  const state = said(order);
  return (
    <li>
      <a class="past-order" href={`#order/${order.order_id}`}>
        <span class="thing-words">
          <strong>{order.lines.map((line) => `${line.quantity} × ${line.name}`).join(", ")}</strong>
          <span class="soft">{shortNumber(order.number)} · {new Date(order.created_at).toLocaleDateString()}</span>
        </span>
        <span class="past-right"><Badge tone={state.tone}>{state.words}</Badge><span class="number">{formatMoney(order.total_minor, order.currency)}</span></span>
      </a>
    </li>
  );
}

function SendLink({ counter }: { counter: Counter }): JSX.Element {
  const email = useSignal("");
  const sent = useSignal<number | null>(null);
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => (sent.value = (await counter.sendLink(email.value.trim())).minutes));
  };
  return (
    <section class="panel" aria-label="Orders from elsewhere">
      <h2>Ordered on another device?</h2>
      {sent.value !== null ? (
        <p role="status">If something was ordered under this address, a link is on its way. It works once, within {sent.value} minutes.</p>
      ) : (
        <form class="order-form" onSubmit={submit}>
          <p class="soft">We send you a link that shows your orders here.</p>
          <Field words="E-mail"><input class="input" type="email" required maxLength={254} autocomplete="email" value={email.value} onInput={(event) => (email.value = event.currentTarget.value)} /></Field>
          {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
          <button type="submit" class="button wide" disabled={act.busy}>Send me a link</button>
        </form>
      )}
    </section>
  );
}
