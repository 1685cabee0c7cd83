/** Taking something off a bill: void, on the house, a discount. Each with a reason and a manager's PIN. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type Bill, type BillLine } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Reasoned, type ApprovalGiven } from "../approval";
import type { Desk } from "../desk";
import { Icon } from "../icons";
import { Keys } from "../keys";
import { AmountShown, Choices, minorOf } from "../sheets";
import { Stepper } from "@holdfast/pages/menu/stepper";

interface AdjustProps {
  bill: Bill;
  desk: Desk;
  onBill: (bill: Bill) => void;
  onClose: () => void;
}

const VOIDED = ["Wrong dish", "Never came", "Guest changed their mind", "Typed twice"];
const COMPED = ["Waited too long", "Not good", "Regular guest", "Spilled"];
const CHEAPER = ["Regular guest", "Complaint", "Staff", "Happy hour"];
const PARTS_BP = [500, 1000, 2000, 5000];

export function LineSheet({ line, ...props }: AdjustProps & { line: BillLine }): JSX.Element {
  const { bill, desk, onBill, onClose } = props;
  const doing = useSignal<"void" | "comp" | null>(null);
  if (doing.value) return <TakeOff {...props} line={line} kind={doing.value} />;
  const serve = async (): Promise<void> => {
    const path = `/api/v1/bills/${bill.session_pid}/service`;
    if (await desk.attempt(async () => onBill(await desk.insist<Bill>(path, { takeaway: !line.takeaway, lines: [line.id] })))) onClose();
  };
  return (
    <Sheet label={line.name} onClose={onClose}>
      <div class="stack">
        <h2>{line.left}× {line.name}</h2>
        <p class="soft number">{formatMoney(line.amount_minor, bill.currency)}, of it {(line.tax_rate_bp / 100).toLocaleString()} % tax</p>
        <button type="button" class="button wide act" onClick={() => (doing.value = "void")}><Icon name="bin" /><span><strong>Void</strong><span class="soft">as if it had never been sold</span></span></button>
        <button type="button" class="button wide act" onClick={() => (doing.value = "comp")}><Icon name="gift" /><span><strong>On the house</strong><span class="soft">it was eaten, and costs nothing</span></span></button>
        <button type="button" class="button wide act" onClick={() => void serve()}><Icon name="out" /><span><strong>{line.takeaway ? "Eaten here" : "Takeaway"}</strong><span class="soft">another tax rate may count</span></span></button>
      </div>
    </Sheet>
  );
}

function TakeOff({ bill, line, kind, desk, onBill, onClose }: AdjustProps & { line: BillLine; kind: "void" | "comp" }): JSX.Element {
  const qty = useSignal(line.left);
  const isVoid = kind === "void";
  const act = async (reason: string, approval: ApprovalGiven): Promise<void> => {
    onBill(await desk.insist<Bill>(`/api/v1/bills/${bill.session_pid}/${kind}`, { line: line.id, qty: qty.value, reason, approval }));
    desk.say(isVoid ? `${line.name} is voided.` : `${line.name} is on the house.`);
  };
  return (
    <Reasoned
      title={isVoid ? `Void ${line.name}` : `${line.name} on the house`} words={isVoid ? "It is taken off the bill as if it had never been sold." : "It stays on the bill and costs nothing."}
      reasons={isVoid ? VOIDED : COMPED} button={isVoid ? `Void ${qty.value}` : `Give ${qty.value}`} desk={desk} onDo={act} onClose={onClose}
    >
      {line.left > 1 && <div class="field"><span>How many?</span><Stepper name={line.name} qty={qty.value} least={1} onChange={(next) => (qty.value = Math.min(next, line.left))} /></div>}
    </Reasoned>
  );
}

export function DiscountSheet({ bill, desk, onBill, onClose }: AdjustProps): JSX.Element {
  const percent_bp = useSignal<number | null>(1000);
  const digits = useSignal("");
  const amount_minor = minorOf(digits.value);
  const body = percent_bp.value === null ? { amount_minor } : { percent_bp: percent_bp.value };
  const act = async (reason: string, approval: ApprovalGiven): Promise<void> => {
    onBill(await desk.insist<Bill>(`/api/v1/bills/${bill.session_pid}/discount`, { ...body, reason, approval }));
    desk.say("The bill is cheaper.");
  };
  return (
    <Reasoned
      title="Discount" words="Laid on all lines in proportion, so that the tax follows." reasons={CHEAPER} button="Give discount"
      desk={desk} ready={percent_bp.value !== null || amount_minor > 0} onDo={act} onClose={onClose}
    >
      <Choices label="How much" value={percent_bp.value} onChoose={(next) => (percent_bp.value = next)}
        choices={[...PARTS_BP.map((value) => ({ value, words: `${value / 100} %` })), { value: null, words: "Amount" }]} />
      {percent_bp.value === null && (
        <>
          <AmountShown label="Off" minor={amount_minor} currency={bill.currency} />
          <Keys value={digits.value} extra="00" most={8} onChange={(next) => (digits.value = next)} />
        </>
      )}
    </Reasoned>
  );
}
