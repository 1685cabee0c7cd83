/** One dish in full, for the cart on this phone: choices, a note, how many. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type MenuItem, type SlotChoice } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Allergens, Groups, Slot, unanswered } from "@holdfast/pages/menu/choosing";
import { Stepper } from "@holdfast/pages/menu/stepper";
import type { FarGuest } from "./guest";

export function Dish({ guest, item, onClose }: { guest: FarGuest; item: MenuItem; onClose: () => void }): JSX.Element {
  const book = guest.menu.value;
  const chosen = useSignal<number[]>([]);
  const filled = useSignal<SlotChoice[]>([]);
  const note = useSignal("");
  const qty = useSignal(1);
  const lacking = unanswered(book, item, chosen.value, filled.value);
  const offered = book.offers(item.id);
  const line = { menu_item: item.id, qty: qty.value, note: note.value.trim(), modifiers: chosen.value, choices: filled.value };
  const submit = (event: Event): void => {
    event.preventDefault();
    guest.add(line);
    onClose();
  };
  return (
    <Sheet label={item.name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2>{item.name}</h2>
        {item.description && <p class="soft">{item.description}</p>}
        {item.hours && <p class="soft">Served {item.hours}</p>}
        <Allergens names={item.allergens} />
        {item.slots.map((slot) => <Slot key={slot.id} slot={slot} book={book} filled={filled} />)}
        <Groups book={book} item={item} chosen={chosen.value} onChange={(next) => (chosen.value = next)} />
        <label class="field">
          <span>Note</span>
          <input class="input" maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </label>
        <div class="dish-foot">
          <Stepper name={item.name} qty={qty.value} least={1} onChange={(next) => (qty.value = next)} />
          <button type="submit" class="button go" disabled={!offered || lacking !== null}>
            {offered ? (lacking ? `Choose: ${lacking}` : `Add · ${formatMoney(qty.value * guest.each(line), book.menu.currency)}`) : "Not available"}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
