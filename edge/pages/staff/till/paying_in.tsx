/** A guest pays in on a balance: how much, by what means, what was handed over; then what became of it. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type PaidIn } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import type { Desk } from "../desk";
import { Icon } from "../icons";
import { Keys } from "../keys";
import { AmountShown, Choices, minorOf } from "../sheets";
import { handedOver } from "../table/amounts";
import { Amount, Outcome } from "../table/pay";
import { PaidInCard } from "./paid_in";
import type { PayingIn } from "./paying_in_once";

/** What guests usually put on a balance, in minor units. */
const USUAL_MINOR = [1_000, 2_000, 3_000, 5_000, 10_000];

interface PayInProps {
  user: string;
  /** What is on the balance now; null where nobody has one of this name yet. */
  balance_minor: number | null;
  currency: string;
  paying: PayingIn;
  desk: Desk;
  onClose: () => void;
}

export function PayInSheet(props: PayInProps): JSX.Element {
  const { paying, desk, onClose } = props;
  const paid = paying.paid.value;
  return (
    <Sheet label={paid ? "Paid in" : "Pay in"} class="tall" onClose={onClose}>
      {paid ? <PaidInCard paid={paid} desk={desk} onChange={(next: PaidIn) => (paying.paid.value = next)} onClose={onClose} /> : <Form {...props} />}
    </Sheet>
  );
}

function Form({ user, balance_minor, currency, paying }: PayInProps): JSX.Element {
  const method = useSignal<"CASH" | "CARD">("CASH");
  const field = useSignal<"amount" | "tendered">("amount");
  const typed = { amount: useSignal(""), tendered: useSignal("") };
  const money = (minor: number): string => formatMoney(minor, currency);
  const amount_minor = minorOf(typed.amount.value);
  const isCash = method.value === "CASH";
  const tendered_minor = isCash && typed.tendered.value ? minorOf(typed.tendered.value) : null;
  const short = tendered_minor !== null && tendered_minor < amount_minor;
  const busy = paying.stage.value !== "resting";
  const choose = (next: "CASH" | "CARD"): void => {
    method.value = next;
    field.value = "amount";
  };
  const take = (): void => paying.pay({ user_id: user, amount_minor, method: method.value, tendered_minor, currency });
  const quick = field.value === "amount" ? USUAL_MINOR : handedOver(amount_minor);
  return (
    <div class="stack pay">
      <h2>Pay in for {user}</h2>
      {balance_minor === null
        ? <p class="verdict warn">A new balance begins under this name. Is it written right?</p>
        : <p class="soft">{money(balance_minor)} on it now.</p>}
      <Choices label="Means of payment" value={method.value} onChoose={choose}
        choices={[{ value: "CASH" as const, words: <><Icon name="cash" />Cash</> }, { value: "CARD" as const, words: <><Icon name="card" />Card</> }]} />
      <div class="amounts" role="group" aria-label="Amounts">
        <Amount name="Pays in" field="amount" current={field} words={money(amount_minor)} />
        {isCash && <Amount name="Hands over" field="tendered" current={field} words={tendered_minor === null ? "exactly" : money(tendered_minor)} />}
      </div>
      <div class="quick">{quick.filter((minor) => minor > 0).map((minor) => (
        <button key={minor} type="button" class="chip number" onClick={() => (typed[field.value].value = String(minor))}>{money(minor)}</button>
      ))}</div>
      <Keys value={typed[field.value].value} extra="00" most={8} onChange={(next) => (typed[field.value].value = next.replace(/^0+/, ""))} />
      {tendered_minor !== null && tendered_minor > amount_minor && <AmountShown label="Change" minor={tendered_minor - amount_minor} currency={currency} />}
      {short && <p class="field-error" role="alert">{money(amount_minor - tendered_minor)} are missing.</p>}
      <Outcome paying={paying} currency={currency} />
      <button type="button" class="button go big wide" disabled={busy || short || amount_minor === 0} onClick={take}>
        {busy ? (paying.stage.value === "doubtful" ? "Asking again…" : "Taking…") : `Take ${money(amount_minor)} ${isCash ? "in cash" : "by card"}`}
      </button>
    </div>
  );
}
