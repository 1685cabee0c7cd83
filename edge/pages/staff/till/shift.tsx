/** What is done to a drawer: open it with change, put money in or take it out, count it, read its report. */
import type { ComponentChildren, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type Shift } from "@holdfast/protocol";
import { Refused, Sheet, useTold, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import { Keys } from "../keys";
import { AmountShown, Choices, minorOf } from "../sheets";
import { OnPaper } from "../table/receipt";
import { MAIN } from "./drawer";

const RETRY_MS = 2_000;

interface CountProps {
  title: string;
  words: string;
  label: string;
  currency: string;
  button: string;
  digits: string;
  ready?: boolean;
  onDigits: (digits: string) => void;
  onDo: () => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}

/** An amount typed on big keys, and one button. */
function Count(props: CountProps): JSX.Element {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const submit = async (): Promise<void> => {
    busy.value = true;
    problem.value = null;
    try {
      await props.onDo();
    } catch (error) {
      problem.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <Sheet label={props.title} class="tall" onClose={props.onClose}>
      <div class="stack">
        <h2>{props.title}</h2>
        <p class="soft">{props.words}</p>
        {props.children}
        <AmountShown label={props.label} minor={minorOf(props.digits)} currency={props.currency} />
        <Keys value={props.digits} extra="00" most={9} onChange={(next) => props.onDigits(next.replace(/^0+(?=.)/, ""))} />
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="button" class="button go wide" disabled={busy.value || !(props.ready ?? true)} onClick={() => void submit()}>{busy.value ? "Asking the box…" : props.button}</button>
      </div>
    </Sheet>
  );
}

interface DoneProps {
  desk: Desk;
  onDone: () => void;
  onClose: () => void;
}

export function OpenSheet({ desk, currency, onDone, onClose }: DoneProps & { currency: string }): JSX.Element {
  const digits = useSignal("");
  const open = async (): Promise<void> => {
    await desk.insist<Shift>("/api/v1/shifts", { till: MAIN, float_minor: minorOf(digits.value) });
    desk.say("The shift is open.");
    onDone();
  };
  return <Count title="Open shift" words="How much change is in the drawer?" label="Change" currency={currency} button="Open shift" digits={digits.value} onDigits={(next) => (digits.value = next)} onDo={open} onClose={onClose} />;
}

const REASONS = { in: ["Change from the bank", "Put back"], out: ["To the safe", "Supplier", "Tips paid out"] } as const;

export function CashSheet({ shift, desk, onDone, onClose }: DoneProps & { shift: Shift }): JSX.Element {
  const digits = useSignal("");
  const direction = useSignal<"in" | "out">("out");
  const reason = useSignal("");
  const move = async (): Promise<void> => {
    const body = { direction: direction.value, amount_minor: minorOf(digits.value), reason: reason.value };
    await desk.insist<Shift>(`/api/v1/shifts/${shift.shift_pid}/cash`, body);
    desk.say(direction.value === "in" ? "Put in." : "Taken out.");
    onDone();
  };
  return (
    <Count title="Cash in or out" words="Money that is no sale." label="Amount" currency={shift.currency} button={direction.value === "in" ? "Put in" : "Take out"} digits={digits.value}
      ready={minorOf(digits.value) > 0 && reason.value.trim() !== ""} onDigits={(next) => (digits.value = next)} onDo={move} onClose={onClose}
    >
      <Choices label="Direction" value={direction.value} onChoose={(next) => { direction.value = next; reason.value = ""; }} choices={[{ value: "out" as const, words: "Out" }, { value: "in" as const, words: "In" }]} />
      <div class="field">
        <span>Why?</span>
        <Choices label="Reasons" value={reason.value} choices={REASONS[direction.value].map((value) => ({ value: value as string, words: value }))} onChoose={(next) => (reason.value = next)} />
        <input class="input" aria-label="Reason" placeholder="Another reason" maxLength={280} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
      </div>
    </Count>
  );
}

export interface CloseProps {
  shift: Shift;
  desk: Desk;
  onClosed: (shift_pid: string) => void;
  onClose: () => void;
}

export function CloseSheet({ shift, desk, onClosed, onClose }: CloseProps): JSX.Element {
  const digits = useSignal("");
  const difference_minor = minorOf(digits.value) - shift.report.expected_minor;
  const money = (minor: number): string => formatMoney(minor, shift.currency);
  const close = async (): Promise<void> => {
    await desk.insist<Shift>(`/api/v1/shifts/${shift.shift_pid}/close`, { counted_minor: minorOf(digits.value) });
    onClosed(shift.shift_pid);
  };
  return (
    <Count title="Close shift" words="Count the drawer, change included, and type what is there. The Z report comes with it and cannot be taken back." label="Counted" currency={shift.currency}
      button="Close shift" digits={digits.value} ready={digits.value !== ""} onDigits={(next) => (digits.value = next)} onDo={close} onClose={onClose}
    >
      {digits.value !== "" && (
        <p class={difference_minor === 0 ? "verdict good" : "verdict warn"} role="status">
          {difference_minor === 0 ? "Exact." : difference_minor > 0 ? `${money(difference_minor)} more than there should be.` : `${money(-difference_minor)} are missing.`}
        </p>
      )}
    </Count>
  );
}

/** X while it is open, Z once it is closed: as it comes out of the printer. */
export function ReportSheet({ shift_pid, desk, onClose }: { shift_pid: string; desk: Desk; onClose: () => void }): JSX.Element {
  const path = `/api/v1/shifts/${shift_pid}`;
  const { body: shift, error } = useTold(path, () => desk.get<Shift>(path), RETRY_MS);
  const title = shift?.z_number ? `Z report ${shift.z_number}` : "X report";
  return (
    <Sheet label={title} onClose={onClose}>
      <div class="stack">
        <h2>{title}</h2>
        {shift
          ? <OnPaper name={title} text={shift.text} path={path} desk={desk} />
          : error instanceof Refused ? <p class="field-error" role="alert">{error.message}</p> : <Waiting words="Asking for the report…" />}
      </div>
    </Sheet>
  );
}

/** The number of something on paper, typed on big keys. */
export function NumberSheet({ title, onFind, onClose }: { title: string; onFind: (number: number) => void; onClose: () => void }): JSX.Element {
  const digits = useSignal("");
  return (
    <Sheet label={title} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); onFind(minorOf(digits.value)); }}>
        <h2>{title}</h2>
        <p class="amount"><span>Number</span><strong class="number">{digits.value || "…"}</strong></p>
        <Keys value={digits.value} most={9} onChange={(next) => (digits.value = next)} />
        <button type="submit" class="button go wide" disabled={digits.value === ""}>Show</button>
      </form>
    </Sheet>
  );
}
