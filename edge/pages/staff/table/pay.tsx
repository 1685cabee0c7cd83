/** The till beside a bill: which share, how much, by what means, what was handed over; and what was paid already. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, type Bill, type BillShare } from "@holdfast/protocol";
import { Icon } from "../icons";
import { Keys } from "../keys";
import { AmountShown, Choices, minorOf } from "../sheets";
import { handedOver, tipsFor } from "./amounts";
import { WhoseBalance } from "./balance";
import { PaymentList } from "./payments";
import type { Once } from "./once";
import type { Means, PayProps } from "./paying";
import { SplitSheet } from "./split";

type Field = "amount" | "tip" | "tendered";

export function PayPanel(props: PayProps): JSX.Element {
  const { bill, paying, desk, onBill } = props;
  const share = useSignal<number | null>(null);
  const splitting = useSignal(false);
  const chosen = bill.shares.find((each) => each.id === share.value) ?? null;
  const due_minor = chosen ? chosen.due_minor : bill.due_minor;
  return (
    <section class="card pay" aria-label="Pay">
      {bill.shares.length > 0 && <Shares bill={bill} share={chosen?.id ?? null} onChoose={(id) => (share.value = id)} />}
      {due_minor > 0 && <Till key={`${chosen?.id ?? "all"}-${due_minor}`} {...props} share={chosen?.id ?? null} due_minor={due_minor} />}
      <Outcome paying={paying} currency={bill.currency} />
      {bill.due_minor === 0 && bill.lines.length > 0 && bill.held_minor === 0 && <p class="all-paid"><Icon name="check" />All paid</p>}
      {bill.due_minor > 0 && <button type="button" class="button wide" onClick={() => (splitting.value = true)}><Icon name="split" />{bill.split_by ? "Split otherwise" : "Split the bill"}</button>}
      <PaymentList bill={bill} desk={desk} onBill={onBill} />
      {splitting.value && <SplitSheet {...props} onClose={() => (splitting.value = false)} />}
    </section>
  );
}

/** Whether the money that was asked for last is there: a no in the box's words, or that nobody knows yet. */
export function Outcome({ paying, currency }: { paying: Pick<Once<{ amount_minor: number; tip_minor?: number }, unknown>, "asked" | "problem" | "stage">; currency: string }): JSX.Element | null {
  const asked = paying.asked.value;
  if (paying.problem.value) return <p class="field-error" role="alert">{paying.problem.value}</p>;
  if (paying.stage.value !== "doubtful" || !asked) return null;
  const money = formatMoney(asked.amount_minor + (asked.tip_minor ?? 0), currency);
  return <p class="verdict warn" role="alert">The box does not answer about {money}. It is being asked again, and takes this money only once. Do not take it anew.</p>;
}

function Shares({ bill, share, onChoose }: { bill: Bill; share: number | null; onChoose: (id: number | null) => void }): JSX.Element {
  return (
    <ul class="shares" aria-label="Shares">
      {bill.shares.map((each) => (
        <li key={each.id}>
          <button type="button" class="share" aria-pressed={each.id === share} disabled={each.due_minor === 0} onClick={() => onChoose(each.id === share ? null : each.id)}>
            <span>{nameOf(each)}</span>
            <strong class="number">{each.due_minor === 0 ? "paid" : formatMoney(each.due_minor, bill.currency)}</strong>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Shares that nobody named are called by their number. */
const nameOf = ({ id, label }: BillShare): string => (id === 0 ? "The rest" : label === "" || label === String(id) ? `Share ${id}` : label);

interface TillProps extends PayProps {
  share: number | null;
  due_minor: number;
}

const TAKES: Readonly<Record<Means, string>> = { CASH: " in cash", CARD: " by card", BALANCE: " from the balance" };

function Till({ bill, paying, desk, share, due_minor }: TillProps): JSX.Element {
  const method = useSignal<Means>("CASH");
  const user = useSignal("");
  const field = useSignal<Field>("tendered");
  const typed: Record<Field, Signal<string>> = { amount: useSignal(""), tip: useSignal(""), tendered: useSignal("") };
  const money = (minor: number): string => formatMoney(minor, bill.currency);
  const amount_minor = typed.amount.value ? Math.min(minorOf(typed.amount.value), due_minor) : due_minor;
  const isBalance = method.value === "BALANCE";
  const tip_minor = isBalance ? 0 : minorOf(typed.tip.value);
  const owed_minor = amount_minor + tip_minor;
  const isCash = method.value === "CASH";
  const tendered_minor = isCash && typed.tendered.value ? minorOf(typed.tendered.value) : null;
  const short = tendered_minor !== null && tendered_minor < owed_minor;
  const busy = paying.stage.value !== "resting";
  const pay = (): void =>
    paying.pay({ method: method.value, amount_minor, tip_minor, tendered_minor, share, user_id: isBalance ? user.value.trim() : null, print: false });
  const choose = (next: Means): void => {
    method.value = next;
    field.value = next === "CASH" ? "tendered" : next === "CARD" ? "tip" : "amount";
  };
  const quick = field.value === "tip" ? tipsFor(amount_minor) : field.value === "tendered" ? handedOver(owed_minor) : [Math.ceil(due_minor / 2)];
  return (
    <>
      <Choices label="Means of payment" value={method.value} onChoose={choose}
        choices={[{ value: "CASH" as const, words: <><Icon name="cash" />Cash</> }, { value: "CARD" as const, words: <><Icon name="card" />Card</> }, { value: "BALANCE" as const, words: <><Icon name="wallet" />Balance</> }]} />
      {isBalance && <WhoseBalance user={user} desk={desk} owed_minor={owed_minor} />}
      <div class="amounts" role="group" aria-label="Amounts">
        <Amount name="Pays" field="amount" current={field} words={money(amount_minor)} />
        {!isBalance && <Amount name="Tip" field="tip" current={field} words={tip_minor > 0 ? money(tip_minor) : "none"} />}
        {isCash && <Amount name="Hands over" field="tendered" current={field} words={tendered_minor === null ? "exactly" : money(tendered_minor)} />}
      </div>
      <div class="quick">{quick.map((minor) => (
        <button key={minor} type="button" class="chip number" onClick={() => (typed[field.value].value = String(minor))}>{money(minor)}</button>
      ))}</div>
      <Keys value={typed[field.value].value} extra="00" most={8} onChange={(next) => (typed[field.value].value = next.replace(/^0+/, ""))} />
      {tendered_minor !== null && !short && tendered_minor > owed_minor && <AmountShown label="Change" minor={tendered_minor - owed_minor} currency={bill.currency} />}
      {short && <p class="field-error" role="alert">{money(owed_minor - tendered_minor)} are missing.</p>}
      <button type="button" class="button go big wide" disabled={busy || short || owed_minor === 0 || (isBalance && user.value.trim() === "")} onClick={pay}>
        {busy ? (paying.stage.value === "doubtful" ? "Asking again…" : "Taking…") : `Take ${money(owed_minor)}${TAKES[method.value]}`}
      </button>
    </>
  );
}

/** One of the amounts that the keys below type into. */
export function Amount<F extends Field>({ name, field, current, words }: { name: string; field: F; current: Signal<F>; words: string }): JSX.Element {
  return (
    <button type="button" class="amount-field" aria-pressed={current.value === field} onClick={() => (current.value = field)}>
      <span class="soft">{name}</span><strong class="number">{words}</strong>
    </button>
  );
}
