/** A receipt as it is on paper, and what to say when money was taken: how much, the change, on paper or not. */
import type { JSX } from "preact";
import { formatMoney, type Paid, type Receipt } from "@holdfast/protocol";
import { Refused, Sheet, useTold, Waiting } from "@holdfast/pages";
import type { Desk } from "../desk";
import { Icon } from "../icons";

const RETRY_MS = 2_000;

export function PaidSheet({ paid, desk, onClose }: { paid: Paid; desk: Desk; onClose: () => void }): JSX.Element {
  const { payment, receipts } = paid;
  const money = (minor: number): string => formatMoney(minor, payment.currency);
  const whole_minor = payment.amount_minor + payment.tip_minor + payment.rounding_minor;
  const pending = payment.status !== "COMPLETED";
  return (
    <Sheet label="Paid" onClose={onClose} button={false}>
      <div class="stack paid">
        <h2>{pending ? "Waiting for the card" : "Paid"}</h2>
        <p class="paid-amount number">{money(whole_minor)}</p>
        {payment.tip_minor > 0 && <p class="soft number">of it {money(payment.tip_minor)} tip</p>}
        {payment.change_minor > 0 && <p class="change">Change <strong class="number">{money(payment.change_minor)}</strong></p>}
        {pending && <p class="soft">Say on the bill what the terminal said. Until then the amount is held.</p>}
        {paid.bill && paid.bill.due_minor > 0 && <p class="soft number">{money(paid.bill.due_minor)} are still due.</p>}
        {receipts.map((receipt) => <Slip key={receipt.number} receipt={receipt} desk={desk} />)}
        <button type="button" class="button go wide" autofocus onClick={onClose}>Done</button>
      </div>
    </Sheet>
  );
}

const Slip = ({ receipt, desk }: { receipt: Receipt; desk: Desk }): JSX.Element =>
  <OnPaper name={`Receipt ${receipt.number}`} text={receipt.text} button={`Print receipt ${receipt.number}`} path={`/api/v1/receipts/${receipt.number}`} desk={desk} />;

interface OnPaperProps { name: string; text: string; button?: string; path: string; desk: Desk }

/** Something as it comes out of the printer, and the button that has it come out. */
export function OnPaper({ name, text, button = "Print", path, desk }: OnPaperProps): JSX.Element {
  const print = async (): Promise<void> => {
    if (await desk.attempt(() => desk.send(`${path}/print`))) desk.say(`${name} is on its way to the printer.`);
  };
  return (
    <div class="slip">
      <pre class="slip-text" aria-label={name}>{text}</pre>
      <button type="button" class="button wide" onClick={() => void print()}><Icon name="print" />{button}</button>
    </div>
  );
}

export function ReceiptSheet({ number, desk, onClose }: { number: number; desk: Desk; onClose: () => void }): JSX.Element {
  const { body: receipt, error } = useTold(String(number), () => desk.get<Receipt>(`/api/v1/receipts/${number}`), RETRY_MS);
  return (
    <Sheet label={`Receipt ${number}`} onClose={onClose}>
      <div class="stack">
        <h2>Receipt {number}</h2>
        {receipt ? <Slip receipt={receipt} desk={desk} /> : error instanceof Refused ? <p class="field-error" role="alert">{error.message}</p> : <Waiting words="Asking for the receipt…" />}
      </div>
    </Sheet>
  );
}
