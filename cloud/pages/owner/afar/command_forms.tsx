/** The forms behind the commands: each asks for what its command needs, and sends it once. */
import type { ComponentChildren, ComponentType, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { clockTime } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import type { Choices } from "./shapes";

export interface FormProps {
  fleet: Fleet;
  /** Where commands go. */
  base: string;
  choices: Choices | null;
  onDone: () => void;
}

interface SendingProps extends FormProps {
  /** Null while something is missing. */
  ask: Record<string, unknown> | null;
  words: string;
  tone?: "go" | "danger";
  children?: ComponentChildren;
}

/** A repeat after a lost answer goes out under the same id, and is done once. */
function Sending({ fleet, base, ask, words, tone = "go", onDone, children }: SendingProps): JSX.Element {
  const act = useAct();
  const command_id = useSignal(uuid7());
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!ask) return;
    act.run(async () => {
      await fleet.ask("POST", base, { ask, command_id: command_id.value });
      onDone();
    });
  };
  return (
    <form class="afar-form" onSubmit={submit}>
      {children}
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <button type="submit" class={`button wide ${tone}`} disabled={act.busy || !ask}>{act.busy ? "Sending…" : words}</button>
    </form>
  );
}

function Field({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return <label class="field"><span>{label}</span>{children}</label>;
}

function SoldOut(props: FormProps): JSX.Element {
  const dish = useSignal("");
  const found = props.choices?.dishes.find(({ id }) => String(id) === dish.value);
  const ask = found ? { kind: "mark_sold_out", menu_item: found.id, sold_out: !found.off } : null;
  return (
    <Sending {...props} ask={ask} words={found?.off ? "Available again" : "Sold out"} tone={found?.off ? "go" : "danger"}>
      <p class="soft">Every phone at the venue is told at once.</p>
      <Field label="Dish">
        <select class="input" value={dish.value} onChange={(event) => (dish.value = event.currentTarget.value)}>
          <option value="">Choose…</option>
          {props.choices?.dishes.map(({ id, name, off }) => <option key={id} value={id}>{name}{off ? " (sold out)" : ""}</option>)}
        </select>
      </Field>
    </Sending>
  );
}

function SessionField({ choices, value, onPick }: { choices: Choices | null; value: string; onPick: (id: string) => void }): JSX.Element {
  const sessions = choices?.sessions ?? [];
  return (
    <Field label="Station">
      <select class="input" value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        <option value="">{sessions.length === 0 ? "Nobody plays now" : "Choose…"}</option>
        {sessions.map((each) => (
          <option key={each.session_id} value={each.session_id}>
            {each.station_id}{each.ends_ms !== null ? `, until ${clockTime(each.ends_ms)}` : ", paused"}
          </option>
        ))}
      </select>
    </Field>
  );
}

const MINUTES = [15, 30, 60, 120] as const;

function MoreTime(props: FormProps): JSX.Element {
  const session = useSignal("");
  const minutes = useSignal(30);
  const ask = session.value ? { kind: "extend_session", session_id: session.value, seconds: minutes.value * 60 } : null;
  return (
    <Sending {...props} ask={ask} words={`Give ${minutes.value} minutes`}>
      <p class="soft">On the house. If the session is over before this arrives, nothing is added.</p>
      <SessionField choices={props.choices} value={session.value} onPick={(id) => (session.value = id)} />
      <Choice label="Minutes" values={MINUTES} value={minutes.value} onPick={(value) => (minutes.value = value)} />
    </Sending>
  );
}

export function Choice({ label, values, value, onPick }: { label: string; values: readonly number[]; value: number; onPick: (value: number) => void }): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={label}>
      {values.map((each) => <button key={each} type="button" class="choice-one number" aria-pressed={each === value} onClick={() => onPick(each)}>{each}</button>)}
      <span class="soft">{label.toLowerCase()}</span>
    </div>
  );
}

function EndSession(props: FormProps): JSX.Element {
  const session = useSignal("");
  const ask = session.value ? { kind: "stop_session", session_id: session.value, reason: "ended by the owner" } : null;
  return (
    <Sending {...props} ask={ask} words="End it now" tone="danger">
      <p class="soft">The player loses what is left of the time.</p>
      <SessionField choices={props.choices} value={session.value} onPick={(id) => (session.value = id)} />
    </Sending>
  );
}

function CancelOrder(props: FormProps): JSX.Element {
  const order = useSignal("");
  const reason = useSignal("");
  const orders = props.choices?.orders ?? [];
  const ask = order.value ? { kind: "cancel_order", order_id: order.value, reason: reason.value.trim() } : null;
  return (
    <Sending {...props} ask={ask} words="Cancel the order" tone="danger">
      <p class="soft">An order that the kitchen has is not taken back; it becomes a refund for somebody to decide.</p>
      <Field label="Order">
        <select class="input" value={order.value} onChange={(event) => (order.value = event.currentTarget.value)}>
          <option value="">{orders.length === 0 ? "No orders today" : "Choose…"}</option>
          {orders.map((each) => <option key={each.order_id} value={each.order_id}>{each.order_id}, {each.table}, {formatMoney(each.total_minor, each.currency)}</option>)}
        </select>
      </Field>
      <Field label="Why">
        <input class="input" maxLength={280} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
      </Field>
    </Sending>
  );
}

function Message(props: FormProps): JSX.Element {
  const words = useSignal("");
  const ask = words.value.trim() ? { kind: "tell_staff", text: words.value.trim() } : null;
  return (
    <Sending {...props} ask={ask} words="Send">
      <p class="soft">It stays on the staff's screens until somebody has read it.</p>
      <Field label="Message">
        <textarea class="input" rows={4} maxLength={500} value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} />
      </Field>
    </Sending>
  );
}

function Backup(props: FormProps): JSX.Element {
  return <Sending {...props} ask={{ kind: "ask_backup" }} words="Back up now"><p>The box copies its journal beside itself and checks the copy. The venue serves on meanwhile.</p></Sending>;
}

function Hello(props: FormProps): JSX.Element {
  return <Sending {...props} ask={{ kind: "ask_resend" }} words="Say hello again"><p>The box hangs up, connects anew and sends whatever the cloud turns out not to have.</p></Sending>;
}

interface FormRow {
  words: string;
  about: string;
  form: ComponentType<FormProps>;
}

export const FORMS = {
  sold_out: { words: "Sold out", about: "or back again", form: SoldOut },
  more_time: { words: "More time", about: "for a player", form: MoreTime },
  end_session: { words: "End a session", about: "now", form: EndSession },
  cancel_order: { words: "Cancel an order", about: "or ask for a refund", form: CancelOrder },
  message: { words: "Message", about: "to the staff", form: Message },
  backup: { words: "Back up", about: "on the box", form: Backup },
  hello: { words: "Reconnect", about: "and send again", form: Hello },
} as const satisfies Record<string, FormRow>;

export type FormKey = keyof typeof FORMS;
