/** The moment the order is in: shown on every phone that waits for it, with the words of seed 002 §8.2. */
import type { JSX } from "preact";
import type { OrderReply } from "@holdfast/protocol";
import { Sheet } from "../parts";

export function PlacedSheet({ placed, onClose }: { placed: OrderReply; onClose: () => void }): JSX.Element {
  return (
    <Sheet label="Order placed" onClose={onClose} class="placed" button={false}>
      <div class="stack centred">
        <h2>Order placed successfully! 🎉</h2>
        {placed.ticket && <p class="ticket-number number">{placed.ticket}</p>}
        <p class="soft">The kitchen has it as {placed.order_id}. You can follow it under your orders.</p>
        <button type="button" class="button go wide" autofocus onClick={onClose}>Continue</button>
      </div>
    </Sheet>
  );
}
