/** Card payments, page by page; what is not on a venue's bill can be given back here. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { Badge, Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, moment } from "../page";
import { Earlier, PagedTrouble, usePaged } from "../paged";
import type { CardPayment, CardPayments } from "./shapes";
import { purposeWords, STATES } from "./words";

interface PaymentsProps {
  fleet: Fleet;
  mayRefund: boolean;
  /** Something was given back. */
  onChange: () => void;
}

export function Payments({ fleet, mayRefund, onChange }: PaymentsProps): JSX.Element {
  const list = usePaged(fleet, "/api/money/payments", (page: CardPayments) => page.payments);
  const refunding = useSignal<CardPayment | null>(null);
  return (
    <Card title="Card payments">
      <PagedTrouble of={list} />
      {list.rows?.length === 0 && <p class="soft">None yet. Guests pay by card on their own phones, from the table's bill.</p>}
      <ul class="rows">{list.rows?.map((each) => (
        <Row key={each.payment_id} payment={each} onRefund={mayRefund && each.purpose !== "venue" && each.status === "COMPLETED" ? () => (refunding.value = each) : null} />
      ))}</ul>
      <Earlier of={list} />
      {refunding.value && <RefundSheet fleet={fleet} payment={refunding.value} onClose={() => (refunding.value = null)} onDone={() => { refunding.value = null; list.again(); onChange(); }} />}
    </Card>
  );
}

function Row({ payment, onRefund }: { payment: CardPayment; onRefund: (() => void) | null }): JSX.Element {
  const [words, tone] = STATES[payment.status] ?? [payment.status, "calm"];
  const partly = payment.status === "COMPLETED" && payment.refunded_minor > 0;
  const why = payment.trouble || (payment.status === "COMPLETED" ? "" : payment.failure);
  return (
    <li class="row">
      <span class="row-words">
        <strong>{purposeWords(payment.purpose)}{payment.venue && ` · ${payment.venue}`}</strong>
        <span class="soft">{moment(new Date(payment.initiated_ms).toISOString())}{payment.fee_minor !== null && payment.fee_minor > 0 && ` · fee ${formatMoney(payment.fee_minor, payment.currency)}`}{why && ` · ${why}`}</span>
      </span>
      {onRefund && <button type="button" class="button plain" onClick={onRefund}>Give back</button>}
      <Badge tone={payment.trouble ? "bad" : tone}>{payment.trouble ? "look at it" : partly ? `${formatMoney(payment.refunded_minor, payment.currency)} given back` : words}</Badge>
      <span class="number">{formatMoney(payment.amount_minor, payment.currency)}</span>
    </li>
  );
}

interface RefundProps {
  fleet: Fleet;
  payment: CardPayment;
  onClose: () => void;
  onDone: () => void;
}

/** One `mid` for as long as the sheet is open: pressing twice gives back once. */
function RefundSheet({ fleet, payment, onClose, onDone }: RefundProps): JSX.Element {
  const reason = useSignal("");
  const mid = useSignal(uuid7());
  const act = useAct();
  const left = formatMoney(payment.came_minor - payment.refunded_minor, payment.currency);
  const give = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("POST", `/api/money/payments/${encodeURIComponent(payment.payment_id)}/refunds`, { mid: mid.value, reason: reason.value.trim() });
      onDone();
    });
  };
  return (
    <Sheet label="Give back" onClose={onClose}>
      <form class="money-sheet" onSubmit={give}>
        <h2>Give back {left}</h2>
        <p class="soft">It returns to the card within some days. Your name, role and reason are kept.</p>
        <label class="field"><span>Why</span>
          <input class="input" required maxLength={200} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy || !reason.value.trim()}>{act.busy ? "Asking the provider…" : `Give ${left} back`}</button>
      </form>
    </Sheet>
  );
}
