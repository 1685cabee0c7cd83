/** One dish in full: choices, a note for the kitchen, how many. A combo asks what fills each of its slots. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type MenuItem, type SlotChoice } from "@holdfast/protocol";
import { Sheet } from "../parts";
import type { MenuBook, Shelf, Wanted } from "./book";
import { Allergens, Groups, Slot, unanswered } from "./choosing";
import { gone } from "./picture";
import { Stepper } from "./stepper";

export interface DishProps {
  shelf: Shelf;
  item: MenuItem;
  onAdd: (wanted: Wanted) => void;
  onClose: () => void;
}

export function DishSheet({ shelf, item, onAdd, onClose }: DishProps): JSX.Element {
  const book = shelf.menu.value;
  const chosen = useSignal<number[]>([]);
  const filled = useSignal<SlotChoice[]>([]);
  const note = useSignal("");
  const qty = useSignal(1);
  const takeaway = shelf.takeaway.value;
  const lacking = unanswered(book, item, chosen.value, filled.value);
  const offered = book.offers(item.id);
  const wanted: Wanted = {
    menu_item: item.id, qty: qty.value, note: note.value.trim(), modifiers: chosen.value, takeaway, choices: filled.value,
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    onAdd(wanted);
  };
  const price = formatMoney(qty.value * book.priceOf(book.items.get(item.id) ?? item, wanted), book.menu.currency);
  return (
    <Sheet label={item.name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {item.picture && <img class="dish-large" src={`${shelf.pictures}/${item.picture.large}`} width={item.picture.width_px} height={item.picture.height_px} decoding="async" alt={item.name} onError={gone} />}
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
          <button type="submit" class="button go" disabled={!offered || lacking !== null || shelf.frozen.value}>
            {offered ? (lacking ? `Choose: ${lacking}` : `Add${takeaway ? " to take away" : ""} · ${price}`) : withheld(book, item)}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

const withheld = (book: MenuBook, item: MenuItem): string => (book.items.get(item.id)?.sold_out ?? true ? "Sold out" : "Not served now");
