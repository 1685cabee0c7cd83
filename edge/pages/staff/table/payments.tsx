/** What was paid for a bill, what is still on its way, and how to give it back. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type Bill, type BillPayment, type Paid, type StoredCards } from "@holdfast/protocol";
import { Badge, Refused, type Tone } from "@holdfast/pages";
import { Reasoned, type ApprovalGiven } from "../approval";
import { wordsFor, type Desk } from "../desk";
import { Icon } from "../icons";
import { OnlineSheet } from "./online";
import { ReceiptSheet } from "./receipt";
import { StoreSheet } from "../stored/store";

interface PaymentsProps {
  bill: Bill;
  desk: Desk;
  onBill: (bill: Bill | null) => void;
}

const STATES: Readonly<Record<string, [string, Tone]>> = { pending: ["on its way", "warn"], settled: ["paid", "good"], released: ["did not come", "bad"] };
export const GIVEN_BACK = ["Wrong amount", "Wrong table", "Complaint", "Paid twice"];

export function PaymentList({ bill, desk, onBill }: PaymentsProps): JSX.Element | null {
  const refunding = useSignal<BillPayment | null>(null);
  const receipt = useSignal<number | null>(null);
  const online = useSignal<string | null>(null);
  const storing = useSignal<BillPayment | null>(null);
  const waits = bill.payments.some((payment) => payment.state === "pending");
  const rules = useStoring(desk, waits);
  const refresh = async (): Promise<void> => onBill(await desk.get<Bill>(`/api/v1/bills/${bill.session_pid}`));
  if (bill.payments.length === 0) return null;
  return (
    <div class="payments">
      <h3>Payments</h3>
      <ul>
        {bill.payments.map((payment) => <Payment key={payment.payment_pid} payment={payment} bill={bill} desk={desk} onBill={onBill} onRefund={() => (refunding.value = payment)} onOnline={() => (online.value = payment.payment_pid)} onStore={rules ? () => (storing.value = payment) : null} />)}
      </ul>
      {bill.receipts.length > 0 && (
        <div class="quick">{bill.receipts.map((number) => (
          <button key={number} type="button" class="chip" onClick={() => (receipt.value = number)}><Icon name="print" />Receipt {number}</button>
        ))}</div>
      )}
      {refunding.value && <RefundSheet payment={refunding.value} bill={bill} desk={desk} onBill={onBill} onClose={() => (refunding.value = null)} />}
      {online.value !== null && <OnlineSheet payment_pid={online.value} desk={desk} onEnd={() => void refresh()} onClose={() => (online.value = null)} />}
      {storing.value && rules && <StoreSheet payment={storing.value} rules={rules} desk={desk} onDone={() => { storing.value = null; void refresh(); desk.say("Written down. The terminal sends it later."); }} onClose={() => (storing.value = null)} />}
      {receipt.value !== null && <ReceiptSheet number={receipt.value} desk={desk} onClose={() => (receipt.value = null)} />}
    </div>
  );
}

/** The rules for stored cards while one may be stored: the owner allows it, and the cloud is away. */
function useStoring(desk: Desk, wanted: boolean): StoredCards | null {
  const found = useSignal<StoredCards | null>(null);
  useEffect(() => {
    if (wanted) desk.get<StoredCards>("/api/v1/stored_cards").then((rules) => void (found.value = rules), () => void (found.value = null));
  }, [wanted]);
  const rules = found.value;
  return rules?.allowed && rules.cut_off_s !== null ? rules : null;
}

interface PaymentProps extends PaymentsProps {
  payment: BillPayment;
  onRefund: () => void;
  /** Have it paid on the guest's own phone. */
  onOnline: () => void;
  /** The terminal has stored it; null while that cannot be. */
  onStore: (() => void) | null;
}

function Payment({ payment, bill, desk, onBill, onRefund, onOnline, onStore }: PaymentProps): JSX.Element {
  const [words, tone] = STATES[payment.state] ?? [payment.state, "calm"];
  const left_minor = payment.amount_minor - payment.returned_minor;
  const progress = async (state: "COMPLETED" | "FAILED"): Promise<void> => {
    const path = `/api/v1/payments/${payment.payment_pid}`;
    try {
      onBill((await desk.send<Paid>(`${path}/progress`, { state })).bill);
    } catch (error) {
      // What goes online is for the provider to say: its page shows how it stands, and can be called off there.
      if (error instanceof Refused && error.code === "payment_online") onOnline();
      else desk.say(wordsFor(error), "bad");
    }
  };
  return (
    <li class="payment">
      <span class="payment-words">
        <strong class="number">{formatMoney(payment.amount_minor, bill.currency)}</strong> {payment.method.toLowerCase()}
        {payment.tip_minor > 0 && <span class="soft number">, tip {formatMoney(payment.tip_minor, bill.currency)}</span>}
      </span>
      <Badge tone={tone}>{payment.returned_minor > 0 ? (left_minor > 0 ? "partly given back" : "given back") : words}</Badge>
      {payment.state === "pending" && (
        <span class="payment-foot">
          <span class="soft">What does the terminal say?</span>
          {onStore ? <button type="button" class="button" onClick={onStore}>Stored</button> : <button type="button" class="button" onClick={onOnline}>On the phone</button>}
          <button type="button" class="button go" onClick={() => void progress("COMPLETED")}>Paid</button>
          <button type="button" class="button danger" onClick={() => void progress("FAILED")}>Refused</button>
        </span>
      )}
      {payment.state === "settled" && left_minor > 0 && <button type="button" class="button plain" onClick={onRefund}>Give back</button>}
    </li>
  );
}

function RefundSheet({ payment, bill, desk, onBill, onClose }: PaymentsProps & { payment: BillPayment; onClose: () => void }): JSX.Element {
  const left_minor = payment.amount_minor - payment.returned_minor + payment.tip_minor;
  const act = async (reason: string, approval: ApprovalGiven): Promise<void> => {
    const paid = await desk.insist<Paid>(`/api/v1/payments/${payment.payment_pid}/refund`, { reason, approval });
    onBill(paid.bill);
    desk.say("Given back.");
  };
  return (
    <Reasoned title="Give money back" words={`${formatMoney(left_minor, bill.currency)} that came by ${payment.method.toLowerCase()} go back; the bill is open again.`}
      reasons={GIVEN_BACK} button="Give back" desk={desk} onDo={act} onClose={onClose} />
  );
}
