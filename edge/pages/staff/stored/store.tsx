/** The terminal has stored a card: written down within the limits, and beyond them with a manager's PIN and a reason. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7, type BillPayment, type Payment, type StoredCards } from "@holdfast/protocol";
import { Refused, Sheet } from "@holdfast/pages";
import { Reasoned, type ApprovalGiven } from "../approval";
import { wordsFor, type Desk } from "../desk";
import "./stored.css";

interface StoreProps {
  payment: Pick<BillPayment, "payment_pid" | "amount_minor" | "tip_minor">;
  rules: StoredCards;
  desk: Desk;
  onDone: () => void;
  onClose: () => void;
}

const REASONS = ["Regular guest", "Long outage", "No cash with them"];

export function StoreSheet({ payment, rules, desk, onDone, onClose }: StoreProps): JSX.Element {
  const beyond = useSignal("");
  const problem = useSignal("");
  const busy = useSignal(false);
  const mid = useSignal(uuid7());
  const amount_minor = payment.amount_minor + payment.tip_minor;
  const money = (minor: number): string => formatMoney(minor, rules.currency);
  const ask = (more: object): Promise<Payment> => desk.insist<Payment>(`/api/v1/payments/${payment.payment_pid}/stored`, more, { mid: mid.value });
  const store = async (): Promise<void> => {
    busy.value = true;
    problem.value = "";
    try {
      await ask({});
      onDone();
      return;
    } catch (error) {
      if (error instanceof Refused && error.code === "over_offline_limit") beyond.value = error.message;
      else problem.value = wordsFor(error);
    }
    busy.value = false;
  };
  if (beyond.value) {
    const answerFor = async (reason: string, approval: ApprovalGiven): Promise<void> => {
      await ask({ reason, approval });
      onDone();
    };
    return <Reasoned title="More than may be stored" words={`${beyond.value} This card is ${money(amount_minor)}.`} reasons={REASONS} button="Store it all the same" desk={desk} onDo={answerFor} onClose={onClose} />;
  }
  return (
    <Sheet label="Stored on the terminal" onClose={onClose}>
      <div class="stack">
        <h2>Stored on the terminal</h2>
        <p class="store-sum"><strong class="number">{money(amount_minor)}</strong><span class="soft">with it {money(rules.unsent_minor + amount_minor)} are not sent; {money(rules.most_unsent_minor)} may be</span></p>
        <p>The terminal has no connection and keeps this card to send it later. The bill counts as paid; should the card be declined then, it is owed again.</p>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="button" class="button go wide" disabled={busy.value} onClick={() => void store()}>{busy.value ? "Asking the box…" : "The terminal has stored it"}</button>
      </div>
    </Sheet>
  );
}
