/**
 * A manager's word, given with a PIN on whoever's tablet it is, for this one thing.
 *
 * The PIN travels with the request it is for and is kept nowhere. The box checks it, and who asked, who approved and why
 * stand in the record of it. Counterpart: `Pins.approver` in `edge/web/staff/pins.py`.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Colleagues } from "@holdfast/protocol";
import { Refused, Sheet, useTold } from "@holdfast/pages";
import { wordsFor, type Desk } from "./desk";
import { Keys } from "./keys";
import { manages } from "./person";
import { Choices } from "./sheets";

/** Without a manager nothing here can be done. */
const RETRY_MS = 2_000;

export interface ApprovalGiven {
  user: string;
  pin: string;
}

export interface ReasonedProps {
  title: string;
  /** What is about to happen, in a sentence. */
  words: string;
  reasons: readonly string[];
  button: string;
  desk: Desk;
  /** Amounts, pieces and the like, over the reason. */
  children?: ComponentChildren;
  /** Whether what stands there can be asked for. */
  ready?: boolean;
  /** Raises what the box refuses with. */
  onDo: (reason: string, approval: ApprovalGiven) => Promise<void>;
  onClose: () => void;
}

/** A sheet for what needs a reason and a manager: say why, then the PIN. */
export function Reasoned(props: ReasonedProps): JSX.Element {
  const { desk, reasons, ready = true } = props;
  const reason = useSignal("");
  const user = useSignal(manages(desk.me) ? desk.me.user : "");
  const pin = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await props.onDo(reason.value.trim(), { user: user.value, pin: pin.value });
      props.onClose();
    } catch (error) {
      problem.value = error instanceof Refused && error.code === "forbidden" ? "Only a manager can approve this." : wordsFor(error);
      pin.value = "";
      busy.value = false;
    }
  };
  const complete = ready && reason.value.trim() !== "" && user.value !== "" && pin.value !== "";
  return (
    <Sheet label={props.title} onClose={props.onClose} class="broad">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <h2>{props.title}</h2>
        <p class="soft">{props.words}</p>
        <div class="sides">
          <div class="stack">
            {props.children}
            <div class="field">
              <span>Why?</span>
              <Choices label="Reasons" value={reason.value} choices={reasons.map((value) => ({ value, words: value }))} onChoose={(next) => (reason.value = next)} />
              <input class="input" aria-label="Reason" placeholder="Another reason" maxLength={280} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
            </div>
          </div>
          <div class="stack">
            <WhoApproves desk={desk} user={user.value} onChoose={(next) => (user.value = next)} />
            <label class="field">
              <span>Manager's PIN</span>
              <input class="input pin" type="password" name="approval" inputMode="numeric" autocomplete="off" value={pin.value} onInput={(event) => (pin.value = event.currentTarget.value)} />
            </label>
            <Keys value={pin.value} onChange={(next) => (pin.value = next)} />
          </div>
        </div>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button danger wide" disabled={!complete || busy.value}>{busy.value ? "Asking the box…" : props.button}</button>
      </form>
    </Sheet>
  );
}

function WhoApproves({ desk, user, onChoose }: { desk: Desk; user: string; onChoose: (user: string) => void }): JSX.Element {
  const { body } = useTold("managers", () => desk.get<Colleagues>("/api/v1/staff"), RETRY_MS);
  const managers = body?.staff.filter((each) => each.role === "manager") ?? null;
  useEffect(() => {
    if (user === "" && managers?.length === 1) onChoose(managers[0]!.user);
  }, [body]);
  const mine = manages(desk.me);
  return (
    <div class="field">
      <span>{mine ? "Approved by" : `A ${desk.me.role} cannot do this alone. Hand the tablet to a manager:`}</span>
      {managers === null
        ? <p class="soft">Asking who manages…</p>
        : <Choices label="Manager" value={user} choices={managers.map((each) => ({ value: each.user, words: each.name }))} onChoose={onChoose} />}
    </div>
  );
}
