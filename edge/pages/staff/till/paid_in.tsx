/** Money that was paid in on a balance: what the terminal said of a card, the slip, giving back what is unspent; what came last. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type PaidIn, type PaidInList } from "@holdfast/protocol";
import { Badge, clockTime, LastWord, Sheet, Waiting, type Tone } from "@holdfast/pages";
import { Reasoned, type ApprovalGiven } from "../approval";
import { wordsFor, type Desk } from "../desk";
import { GIVEN_BACK } from "../table/payments";
import { OnPaper } from "../table/receipt";

export const OPEN: ReadonlySet<string> = new Set(["INITIATED", "PENDING", "UNKNOWN"]);
const STATES: Readonly<Record<string, [words: string, tone: Tone]>> = { COMPLETED: ["Paid in", "good"], FAILED: ["Not paid in", "bad"], REFUNDED: ["Given back", "calm"] };
/** How it stands, in words. */
const standing = (status: string): [words: string, tone: Tone] => STATES[status] ?? ["Waiting for the card", "warn"];

/** All cards that nobody knows the end of and what was paid in last, newest first. Raises what the box refuses with. */
export const paidInLast = async (desk: Desk): Promise<PaidIn[]> => [...(await desk.get<PaidInList>("/api/v1/paid_in")).paid_in];

interface CardProps {
  paid: PaidIn;
  desk: Desk;
  onChange: (next: PaidIn) => void;
  onClose: () => void;
}

export function PaidInCard({ paid, desk, onChange, onClose }: CardProps): JSX.Element {
  const { payment } = paid;
  const refunding = useSignal(false);
  const problem = useSignal("");
  const busy = useSignal(false);
  const money = (minor: number): string => formatMoney(minor, payment.currency);
  const path = `/api/v1/payments/${payment.payment_pid}`;
  // Asked for by name: one that waited for long is not among the last when its end is known.
  const look = async (): Promise<void> => onChange(await desk.get<PaidIn>(`/api/v1/paid_in/${payment.payment_pid}`));
  const progress = async (state: "COMPLETED" | "FAILED"): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await desk.send(`${path}/progress`, { state });
      await look();
    } catch (error) {
      problem.value = wordsFor(error);
    }
    busy.value = false;
  };
  const waits = OPEN.has(payment.status);
  const left_minor = payment.status === "COMPLETED" ? Math.min(payment.amount_minor - payment.refunded_minor, paid.balance_minor) : 0;
  return (
    <div class="stack paid">
      <h2>{standing(payment.status)[0]}</h2>
      <p class="paid-amount number">{money(payment.amount_minor)}</p>
      <p role="status">{waits ? `For ${paid.user_id}, once the terminal has said so.` : `${paid.user_id} has ${money(paid.balance_minor)} now${payment.status === "FAILED" ? "; nothing was charged" : ", to spend here at once"}.`}</p>
      {payment.change_minor > 0 && payment.status === "COMPLETED" && <p class="change">Change <strong class="number">{money(payment.change_minor)}</strong></p>}
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      {waits && (
        <div class="stack">
          <p class="soft">What does the terminal say?</p>
          <div class="bill-foot">
            <button type="button" class="button go" disabled={busy.value} onClick={() => void progress("COMPLETED")}>Paid</button>
            <button type="button" class="button danger" disabled={busy.value} onClick={() => void progress("FAILED")}>Refused</button>
          </div>
        </div>
      )}
      {!waits && payment.status !== "FAILED" && <OnPaper name="Slip" text={paid.text} path={`/api/v1/paid_in/${payment.payment_pid}`} desk={desk} />}
      {left_minor > 0 && <button type="button" class="button plain" onClick={() => (refunding.value = true)}>Give back</button>}
      <button type="button" class="button go wide" autofocus onClick={onClose}>Done</button>
      {refunding.value && <GiveBack paid={paid} left_minor={left_minor} desk={desk} onDone={look} onClose={() => (refunding.value = false)} />}
    </div>
  );
}

interface GiveBackProps {
  paid: PaidIn;
  left_minor: number;
  desk: Desk;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function GiveBack({ paid, left_minor, desk, onDone, onClose }: GiveBackProps): JSX.Element {
  const { payment } = paid;
  const whole_minor = payment.amount_minor - payment.refunded_minor;
  const money = (minor: number): string => formatMoney(minor, payment.currency);
  const spent = left_minor < whole_minor ? ` ${money(whole_minor - left_minor)} of it is spent already.` : "";
  const act = async (reason: string, approval: ApprovalGiven): Promise<void> => {
    await desk.insist(`/api/v1/payments/${payment.payment_pid}/refund`, { reason, approval, amount_minor: left_minor });
    desk.say(payment.method === "CASH" ? `Hand out ${money(left_minor)}.` : "Give it back on the terminal.");
    await onDone();
  };
  return (
    <Reasoned title="Give money back" words={`${money(left_minor)} leaves ${paid.user_id}'s balance and is given back ${payment.method === "CASH" ? "in cash" : "by card"}.${spent}`}
      reasons={GIVEN_BACK} button={`Give ${money(left_minor)} back`} desk={desk} onDo={act} onClose={onClose} />
  );
}

/** Cards that nobody knows the end of stand first. */
export function PaidInSheet({ desk, onClose }: { desk: Desk; onClose: () => void }): JSX.Element {
  const found = useSignal<PaidIn[] | null>(null);
  const shown = useSignal<PaidIn | null>(null);
  const problem = useSignal("");
  const last = useMemo(() => new LastWord(() => paidInLast(desk), (told) => {
    found.value = told;
    problem.value = "";
  }, (error) => (problem.value = wordsFor(error))), [desk]);
  useEffect(() => void last.ask(), [last]);
  const back = (): void => {
    shown.value = null;
    void last.ask();
  };
  const one = shown.value;
  if (one) return <Sheet label="Paid in" class="tall" onClose={back}><PaidInCard paid={one} desk={desk} onChange={(next) => (shown.value = next)} onClose={back} /></Sheet>;
  const rows = [...(found.value ?? [])].sort((a, b) => Number(OPEN.has(b.payment.status)) - Number(OPEN.has(a.payment.status)));
  return (
    <Sheet label="Paid in last" onClose={onClose}>
      <div class="stack">
        <h2>Paid in last</h2>
        {problem.value && (
          <>
            <p class="field-error" role="alert">{problem.value}</p>
            <button type="button" class="button" onClick={() => void last.ask()}>Try again</button>
          </>
        )}
        {found.value === null && !problem.value && <Waiting words="Asking the box…" />}
        {found.value?.length === 0 && <p class="soft">Nobody has paid in on a balance here yet.</p>}
        <ul class="lines">{rows.map((each) => <Row key={each.payment.payment_pid} paid={each} onOpen={() => (shown.value = each)} />)}</ul>
      </div>
    </Sheet>
  );
}

function Row({ paid, onOpen }: { paid: PaidIn; onOpen: () => void }): JSX.Element {
  const { payment } = paid;
  const [words, tone] = standing(payment.status);
  return (
    <li class="line">
      <button type="button" class="line-button" onClick={onOpen}>
        <span class="line-words">{paid.user_id} <span class="soft">{clockTime(paid.paid_in_at)}, {payment.method.toLowerCase()}</span></span>
        <Badge tone={tone}>{words}</Badge>
        <span class="number line-price">{formatMoney(payment.amount_minor, payment.currency)}</span>
      </button>
    </li>
  );
}
