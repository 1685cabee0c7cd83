/** Money that goes back to a guest's card: how much and why. The same press twice is one refund. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, minorDigits, toMajor } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import type { StaffOrder } from "./shapes";

export interface GiveBackProps {
  fleet: Fleet;
  found: StaffOrder;
  onDone: () => void;
  onClose: () => void;
}

/** `12.5` in EUR → 1250; null for what is no amount. */
export function minorOf(text: string, currency: string): number | null {
  const digits = minorDigits(currency);
  const found = /^\s*(\d{1,9})(?:[.,](\d{1,3}))?\s*$/.exec(text);
  const fraction = found?.[2] ?? "";
  if (!found || fraction.length > digits) return null;
  return Number(found[1]) * 10 ** digits + Number(fraction.padEnd(digits, "0") || "0");
}

export function GiveBack({ fleet, found, onDone, onClose }: GiveBackProps): JSX.Element {
  const { order, refundable_minor } = found;
  const mid = useSignal(crypto.randomUUID());
  const amount = useSignal(toMajor(refundable_minor, order.currency).toFixed(minorDigits(order.currency)));
  const reason = useSignal("");
  const act = useAct();
  const minor = minorOf(amount.value, order.currency);
  const good = minor !== null && minor > 0 && minor <= refundable_minor;
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("POST", `/admin/orders/${order.order_id}/refunds`, { mid: mid.value, reason: reason.value.trim(), amount_minor: minor });
      onDone();
    });
  };
  return (
    <Sheet label="Give money back" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <h2>Give money back</h2>
        <label class="field"><span>Amount, at most {formatMoney(refundable_minor, order.currency)}</span><input class="input" inputMode="decimal" required autofocus aria-invalid={!good} value={amount.value} onInput={(event) => (amount.value = event.currentTarget.value)} /></label>
        <label class="field"><span>Why?</span><input class="input" required minLength={3} maxLength={200} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} /></label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button danger wide" disabled={act.busy || !good}>{good ? `Give ${formatMoney(minor, order.currency)} back` : "Give it back"}</button>
      </form>
    </Sheet>
  );
}
