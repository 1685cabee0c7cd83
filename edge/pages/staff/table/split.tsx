/** Sharing a bill: evenly, by guest, by item or by amounts. What no share names is the rest, and stays owed. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type Bill } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Stepper } from "@holdfast/pages/menu/stepper";
import { wordsFor } from "../desk";
import { Keys } from "../keys";
import { Choices, minorOf } from "../sheets";
import type { PayProps } from "./paying";

type By = "equal" | "guest" | "item" | "amount" | "none";
const WORDS: Readonly<Record<By, string>> = {
  equal: "What is still due, in parts that differ by a cent at the most.",
  guest: "Everybody pays what was ordered for them.",
  item: "Tap what one person pays; the rest stays for the others.",
  amount: "Type what each of them wants to pay; the rest stays for the others.",
  none: "One bill for all again.",
};

export function SplitSheet({ bill, desk, onBill, onClose }: PayProps & { onClose: () => void }): JSX.Element {
  const by = useSignal<By>("equal");
  const parts = useSignal(2);
  const picked = useSignal<ReadonlyMap<string, number>>(new Map());
  const amounts = useSignal<readonly number[]>([]);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const lines = [...picked.value].filter(([, qty]) => qty > 0).map(([line, qty]) => ({ line, qty }));
  const bodies: Readonly<Record<By, object>> = {
    equal: { parts: parts.value },
    guest: {},
    item: { shares: [{ label: "Apart", lines }] },
    amount: { shares: amounts.value.map((amount_minor) => ({ amount_minor })) },
    none: {},
  };
  const isEmpty = (by.value === "item" && lines.length === 0) || (by.value === "amount" && amounts.value.length === 0);
  const split = async (): Promise<void> => {
    busy.value = true;
    try {
      onBill(await desk.insist<Bill>(`/api/v1/bills/${bill.session_pid}/split`, { by: by.value, ...bodies[by.value] }));
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <Sheet label="Split the bill" class="tall" onClose={onClose}>
      <div class="stack">
        <h2>Split the bill</h2>
        <Choices label="How" value={by.value} onChoose={(next) => { by.value = next; problem.value = null; }}
          choices={[{ value: "equal", words: "Evenly" }, { value: "guest", words: "By guest" }, { value: "item", words: "By item" }, { value: "amount", words: "By amount" }, ...(bill.split_by ? [{ value: "none" as const, words: "As one" }] : [])]} />
        <p class="soft">{WORDS[by.value]}</p>
        {by.value === "equal" && (
          <div class="even">
            <Stepper name="parts" qty={parts.value} least={2} onChange={(next) => (parts.value = Math.min(next, 40))} />
            <strong class="number">{formatMoney(Math.ceil(bill.due_minor / parts.value), bill.currency)} each</strong>
          </div>
        )}
        {by.value === "item" && <Items bill={bill} picked={picked.value} onPick={(line, qty) => (picked.value = new Map(picked.value).set(line, qty))} />}
        {by.value === "amount" && <Amounts bill={bill} amounts={amounts.value} onChange={(next) => (amounts.value = next)} />}
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="button" class="button go wide" disabled={busy.value || isEmpty} onClick={() => void split()}>{busy.value ? "Splitting…" : "Split"}</button>
      </div>
    </Sheet>
  );
}

function Items({ bill, picked, onPick }: { bill: Bill; picked: ReadonlyMap<string, number>; onPick: (line: string, qty: number) => void }): JSX.Element {
  const chosen_minor = bill.lines.reduce((sum, line) => sum + (line.left > 0 ? Math.round((line.amount_minor * (picked.get(line.id) ?? 0)) / line.left) : 0), 0);
  return (
    <>
      <ul class="lines">
        {bill.lines.filter((line) => line.left > 0).map((line) => {
          const qty = picked.get(line.id) ?? 0;
          return (
            <li key={line.id} class="line pieces" data-picked={qty > 0}>
              <span class="line-words">{line.name} <span class="soft number">{formatMoney(line.amount_minor, bill.currency)}</span></span>
              {line.left === 1
                ? <button type="button" class="chip" aria-pressed={qty > 0} onClick={() => onPick(line.id, qty > 0 ? 0 : 1)}>{qty > 0 ? "Apart" : "Rest"}</button>
                : <span class="pieces-qty"><Stepper name={line.name} qty={qty} least={0} onChange={(next) => onPick(line.id, Math.min(next, line.left))} /><span class="soft number">of {line.left}</span></span>}
            </li>
          );
        })}
      </ul>
      <p class="amount"><span>Apart</span><strong class="number">{formatMoney(chosen_minor, bill.currency)}</strong></p>
    </>
  );
}

/** Sums of one's own choosing, until nothing is left; a tap takes one away again. */
function Amounts({ bill, amounts, onChange }: { bill: Bill; amounts: readonly number[]; onChange: (next: readonly number[]) => void }): JSX.Element {
  const typed = useSignal("");
  const money = (minor: number): string => formatMoney(minor, bill.currency);
  const left_minor = bill.due_minor - amounts.reduce((sum, minor) => sum + minor, 0);
  const next_minor = Math.min(minorOf(typed.value), left_minor);
  const add = (): void => {
    onChange([...amounts, next_minor]);
    typed.value = "";
  };
  return (
    <>
      <div class="quick sums" role="group" aria-label="Amounts">
        {amounts.map((minor, at) => (
          <button key={at} type="button" class="chip number" aria-label={`Take ${money(minor)} away`} onClick={() => onChange(amounts.filter((_, other) => other !== at))}>{money(minor)} ×</button>
        ))}
        <span class="soft number">{money(left_minor)} {amounts.length === 0 ? "to share" : "left"}</span>
      </div>
      <Keys value={typed.value} extra="00" most={8} onChange={(next) => (typed.value = next.replace(/^0+/, ""))} />
      <button type="button" class="button wide" disabled={next_minor <= 0} onClick={add}>{next_minor > 0 ? `Add ${money(next_minor)}` : "Add"}</button>
    </>
  );
}
