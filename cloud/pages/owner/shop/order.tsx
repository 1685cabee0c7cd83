/**
 * One order before whoever makes and ships it: the pictures, the papers, the address, the next step, the money.
 *
 * A step names the version that was seen. Where a colleague was quicker the order is shown as it stands now, with a word
 * about it, and nothing was done.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, Refused, Sheet } from "@holdfast/pages";
import { countryName, shortNumber } from "../../orders/words";
import type { OrderStatus } from "../../orders/shapes";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, moment, Page } from "../page";
import { addressOf } from "../place";
import { Asked, useAsked } from "../states";
import { GiveBack } from "./give_back";
import type { StaffOrder } from "./shapes";
import { actionWords, statusOf, stepWords } from "./words";

interface Doing {
  fleet: Fleet;
  found: StaffOrder;
  onChange: () => void;
}

export function OrderPage({ fleet, order_id }: { fleet: Fleet; order_id: string }): JSX.Element {
  const asked = useAsked<StaffOrder>(fleet, `/admin/orders/${encodeURIComponent(order_id)}`);
  return (
    <>
      <p class="shop-back"><a class="back" href={addressOf("shop")}>‹ All orders</a></p>
      <Asked of={asked} waiting="Fetching the order…">{(found) => <Whole fleet={fleet} found={found} onChange={asked.again} />}</Asked>
    </>
  );
}

function Whole(props: Doing): JSX.Element {
  const { order } = props.found;
  const collects = order.address === null;
  const state = statusOf(order.status, order.payment_status, collects);
  return (
    <Page wide title={`Order ${shortNumber(order.number)}`} about={`${order.venue} · ${moment(order.created_at)}${order.source === "table" ? " · ordered at a table" : ""}`} actions={<Badge tone={state.tone}>{state.words}</Badge>}>
      {order.payment_status === "mismatch" && <div class="note bad" role="alert"><strong>The payment is not what was asked.</strong><p>Another amount or currency came than {formatMoney(order.total_minor, order.currency)}. Nothing is made. Look at the payment at your payment provider and give it back there, or write to the guest.</p></div>}
      <div class="shop-order">
        <div class="shop-column">
          <Steps {...props} />
          <Things {...props} />
          <History {...props} />
        </div>
        <div class="shop-column">
          <Card title={collects ? "Collected by" : "Goes to"}>
            <address class="shop-address">
              <strong>{order.name}</strong>
              {order.address && <><span>{order.address.more}</span><span>{order.address.street}</span><span>{order.address.postal_code} {order.address.city}</span><span>{countryName(order.address.country)}</span></>}
              {order.email && <a href={`mailto:${order.email}`}>{order.email}</a>}
            </address>
            {order.note && <p class="note">“{order.note}”</p>}
            {order.parcel && (order.parcel.tracking_number || order.parcel.carrier) && <p>{order.parcel.carrier} <code class="secret">{order.parcel.tracking_number}</code></p>}
          </Card>
          <Money {...props} />
        </div>
      </div>
    </Page>
  );
}

function Steps({ fleet, found, onChange }: Doing): JSX.Element | null {
  const { order, version, choices } = found;
  const collects = order.address === null;
  const asking = useSignal<OrderStatus | null>(null);
  const carrier = useSignal("");
  const tracking = useSignal("");
  const note = useSignal("");
  const act = useAct();
  const late = useSignal(false);
  const take = (to: OrderStatus): void =>
    act.run(async () => {
      try {
        await fleet.ask("PUT", `/admin/orders/${order.order_id}`, { status: to, version, carrier: carrier.value, tracking_number: tracking.value, note: note.value });
        late.value = false;
      } catch (error) {
        if (!(error instanceof Refused && error.code === "order_changed")) throw error;
        late.value = true;
      }
      asking.value = null;
      onChange();
    });
  const forward = choices.filter((each) => each !== "cancelled");
  if (choices.length === 0 && !late.value) return null;
  const press = (to: OrderStatus): void => (to === "shipped" && !collects) || to === "cancelled" ? void (asking.value = to) : take(to);
  return (
    <Card title="Next">
      {late.value && <p class="note warn" role="alert">A colleague changed this order in the meantime. This is how it stands now; nothing of yours was done.</p>}
      <div class="shop-steps">
        {forward.map((to, place) => <button key={to} type="button" class={place === 0 ? "button go" : "button"} disabled={act.busy} onClick={() => press(to)}>{stepWords(to, collects)}</button>)}
        {choices.includes("cancelled") && <button type="button" class="button danger" disabled={act.busy} onClick={() => press("cancelled")}>{stepWords("cancelled", collects)}</button>}
      </div>
      {act.problem && asking.value === null && <p class="field-error" role="alert">{act.problem}</p>}
      {asking.value !== null && (
        <Sheet label={stepWords(asking.value, collects)} onClose={() => (asking.value = null)}>
          <form class="form" onSubmit={(event) => { event.preventDefault(); take(asking.value!); }}>
            <h2>{asking.value === "shipped" ? "Shipped?" : "Cancel this order?"}</h2>
            {asking.value === "shipped" ? <>
              <label class="field"><span>Carrier</span><input class="input" maxLength={80} autofocus value={carrier.value} onInput={(event) => (carrier.value = event.currentTarget.value)} /></label>
              <label class="field"><span>Tracking number</span><input class="input" maxLength={80} value={tracking.value} onInput={(event) => (tracking.value = event.currentTarget.value)} /></label>
              <p class="soft">{order.email ? "The guest gets a mail with both." : "The guest left no address and gets no mail."}</p>
            </> : <p>{found.refundable_minor > 0 ? `${formatMoney(found.refundable_minor, order.currency)} goes back to the guest's card.` : order.source === "table" ? "It was paid at the till; give the money back there." : "Nothing was paid by card."} The guest is told by mail.</p>}
            <label class="field"><span>Note for colleagues (optional)</span><input class="input" maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} /></label>
            {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
            <button type="submit" class={asking.value === "cancelled" ? "button danger wide" : "button go wide"} disabled={act.busy}>{stepWords(asking.value, collects)}</button>
          </form>
        </Sheet>
      )}
    </Card>
  );
}

function Things({ found }: Doing): JSX.Element {
  const { order } = found;
  const at = `/admin/orders/${order.order_id}`;
  return (
    <Card title="To make" actions={<><a class="button small" href={`${at}/production_sheet.pdf`} target="_blank" rel="noopener">Production sheet</a><a class="button small" href={`${at}/packing_slip.pdf`} target="_blank" rel="noopener">Packing slip</a></>}>
      <ul class="shop-things">
        {order.lines.map((line) => (
          <li key={line.line}>
            <a class="shop-picture" href={`${at}/picture?line=${line.line}`} target="_blank" rel="noopener" aria-label={`The picture of ${line.name}`}>
              <Final address={`${at}/picture?line=${line.line}`} />
            </a>
            <span class="row-words"><strong>{line.quantity} × {line.name}</strong></span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const PAINTED_AFTER_MS = 4_000;

/** The final picture; looked for again and again while it is being painted. */
function Final({ address }: { address: string }): JSX.Element {
  const tries = useSignal(0);
  const here = useSignal(false);
  useEffect(() => {
    if (tries.value === 0 || here.value) return;
    const soon = setTimeout(() => tries.value++, PAINTED_AFTER_MS);
    return () => clearTimeout(soon);
  }, [tries.value, here.value]);
  return (
    <>
      <img key={tries.value} src={tries.value > 0 ? `${address}&try=${tries.value}` : address} alt="" data-missing={!here.value}
        onLoad={() => (here.value = true)} onError={() => { if (tries.value === 0) tries.value = 1; }} />
      {!here.value && <span class="soft shop-waiting">The picture is still being painted.</span>}
    </>
  );
}

function Money(props: Doing): JSX.Element {
  const { order, refunds, refundable_minor } = props.found;
  const open = useSignal(false);
  const money = (minor: number): string => formatMoney(minor, order.currency);
  return (
    <Card title="Money" actions={refundable_minor > 0 ? <button type="button" class="button small" onClick={() => (open.value = true)}>Give money back</button> : undefined}>
      <dl class="shop-sums number">
        <div><dt>Things</dt><dd>{money(order.items_minor)}</dd></div>
        <div><dt>Shipping</dt><dd>{money(order.shipping_minor)}</dd></div>
        <div><dt><strong>Total</strong></dt><dd><strong>{money(order.total_minor)}</strong></dd></div>
        <div class="soft"><dt>of that tax</dt><dd>{money(order.tax_minor)}</dd></div>
        {order.refunded_minor > 0 && <div><dt>Given back</dt><dd>{money(-order.refunded_minor)}</dd></div>}
      </dl>
      {refunds.length > 0 && (
        <ul class="rows">
          {refunds.map((refund) => (
            <li key={refund.refund_id} class="row">
              <span class="row-words"><strong>{money(refund.amount_minor)}</strong><span class="soft">{refund.reason} · {refund.by} · {moment(refund.requested_at)}</span></span>
              <Badge tone={refund.status === "COMPLETED" ? "good" : refund.status === "FAILED" ? "bad" : "warn"}>{refund.status === "COMPLETED" ? "given back" : refund.status === "FAILED" ? "failed" : "on its way"}</Badge>
            </li>
          ))}
        </ul>
      )}
      {open.value && <GiveBack fleet={props.fleet} found={props.found} onDone={() => { open.value = false; props.onChange(); }} onClose={() => (open.value = false)} />}
    </Card>
  );
}

function History({ found }: Doing): JSX.Element | null {
  if (found.actions.length === 0) return null;
  return (
    <Card title="What was done">
      <ul class="rows">
        {found.actions.map((action) => (
          <li key={action.action_id} class="row"><span class="row-words"><strong>{action.actor} {actionWords(action.action)}</strong><span class="soft">{[moment(action.at), action.note].filter(Boolean).join(" · ")}</span></span></li>
        ))}
      </ul>
    </Card>
  );
}
