/** An order of which only a person can say whether the till has it: somebody looks, and says what they saw. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Icon } from "./icons";
import type { Desk } from "./desk";

export function DoubtCard({ order_id, message, desk }: { order_id: string; message: string; desk: Desk }): JSX.Element {
  const busy = useSignal(false);
  const settle = async (taken: boolean): Promise<void> => {
    busy.value = true;
    const path = `/api/v1/orders/${encodeURIComponent(order_id)}/settle`;
    if (await desk.attempt(() => desk.send(path, { taken }))) {
      desk.say(taken ? `${order_id} goes to the kitchen.` : `${order_id} is taken back; the cart can be ordered again.`);
    }
    busy.value = false;
  };
  return (
    <div class="doubt">
      <p><strong>{order_id}</strong> {message} Look at the till, then say what you saw.</p>
      <div class="doubt-foot">
        <button type="button" class="button go" disabled={busy.value} onClick={() => void settle(true)}><Icon name="check" />The till has it</button>
        <button type="button" class="button danger" disabled={busy.value} onClick={() => void settle(false)}><Icon name="close" />It does not</button>
      </div>
    </div>
  );
}
