/** A card payment of another amount than was asked for: taken as it is, or given back whole. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import type { Difference } from "./shapes";

interface WrongAmountProps {
  fleet: Fleet;
  difference: Difference;
  onClose: () => void;
  onDone: () => void;
}

export function WrongAmount({ fleet, difference, onClose, onDone }: WrongAmountProps): JSX.Element {
  const { payment_id, amount_minor, currency, received_minor, received_currency } = difference;
  const reason = useSignal("");
  const mid = useSignal(uuid7());
  const act = useAct();
  const came = formatMoney(received_minor ?? 0, received_currency ?? currency);
  const asked = formatMoney(amount_minor, currency);
  const same = (received_currency ?? currency) === currency;
  const decide = (decision: "accept" | "give_back"): void =>
    act.run(async () => {
      await fleet.ask("POST", `/api/money/payments/${encodeURIComponent(payment_id)}/decision`, { mid: mid.value, decision, reason: reason.value.trim() });
      onDone();
    });
  const ready = !act.busy && reason.value.trim() !== "";
  return (
    <Sheet label="Wrong amount" onClose={onClose}>
      <div class="money-sheet">
        <h2>{came} came instead of {asked}</h2>
        <p class="soft">Accepted, it counts as the {asked} that were asked for, and what came more or less stands in the books as a difference. Given back, the guest has all of it again and still owes {asked}.</p>
        <label class="field"><span>Why</span>
          <input class="input" name="reason" required maxLength={200} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        {same ? <button type="button" class="button go wide" disabled={!ready} onClick={() => decide("accept")}>Accept {came}</button> : <p class="soft">Money of another currency can only be given back.</p>}
        <button type="button" class="button danger wide" disabled={!ready} onClick={() => decide("give_back")}>Give {came} back</button>
      </div>
    </Sheet>
  );
}
