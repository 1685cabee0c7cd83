/** A dish being made up for the cart, or a line of the cart being changed: choices, a note, how many. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type CartItem, type MenuItem, type SlotChoice } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Allergens, Groups, Slot, unanswered } from "@holdfast/pages/menu/choosing";
import type { MenuBook } from "@holdfast/pages/menu/book";
import { Stepper } from "@holdfast/pages/menu/stepper";
import type { WholeTable } from "./whole";

export interface DishSheetProps {
  book: MenuBook;
  what: { dish: MenuItem } | { line: CartItem };
  member: string | null;
  whole: WholeTable;
  onClose: () => void;
}

export function DishSheet({ book, what, member, whole, onClose }: DishSheetProps): JSX.Element {
  const line = "line" in what ? what.line : null;
  const item = "dish" in what ? what.dish : book.items.get(what.line.menu_item);
  const chosen = useSignal<number[]>(line?.modifiers ?? []);
  const filled = useSignal<SlotChoice[]>(line?.choices ?? []);
  const takeaway = useSignal(line?.takeaway ?? false);
  const recalled = whole.cart.value?.recalled.find((each) => each.id === line?.id)?.reason ?? null;
  const note = useSignal(line?.note ?? "");
  const qty = useSignal(line?.qty ?? 1);
  const name = item?.name ?? line?.name ?? "";
  const lacking = item ? unanswered(book, item, chosen.value, filled.value) : null;
  const made = { qty: qty.value, note: note.value.trim(), modifiers: chosen.value, choices: filled.value, takeaway: takeaway.value };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (line) whole.change(line, recalled ? { ...made, confirm: true } : made);
    else if (item) whole.add({ menu_item: item.id, member, ...made });
    onClose();
  };
  const remove = (): void => {
    if (line) whole.change(line, { qty: 0 });
    onClose();
  };
  const price = item ? formatMoney(qty.value * book.priceOf(item, made), book.menu.currency) : "";
  return (
    <Sheet label={name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2>{name}</h2>
        {item && <Allergens names={item.allergens} />}
        {recalled && <p class="field-error" role="alert">{recalled === "withdrawn" ? "This is no longer on the menu; please remove it." : recalled === "repriced" ? `The price was held for as long as it is here. It is ${price} now.` : `This dish has changed since it was added. It is ${name}, ${price} now.`}</p>}
        {item?.slots.map((slot) => <Slot key={slot.id} slot={slot} book={book} filled={filled} />)}
        {item && <Groups book={book} item={item} chosen={chosen.value} onChange={(next) => (chosen.value = next)} />}
        {book.menu.takeaway && (
          <label class="option"><input type="checkbox" checked={takeaway.value} onChange={() => (takeaway.value = !takeaway.value)} /><span>Take away</span></label>
        )}
        <label class="field">
          <span>Note for the kitchen</span>
          <input class="input" maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </label>
        <div class="sheet-foot">
          <Stepper name={name} qty={qty.value} least={1} onChange={(next) => (qty.value = next)} />
          {line && <button type="button" class="button danger" onClick={remove}>Remove</button>}
          <button type="submit" class="button go" disabled={lacking !== null || recalled === "withdrawn"}>{lacking ? `Choose: ${lacking}` : recalled ? "Keep it" : line ? "Save" : `Add · ${price}`}</button>
        </div>
      </form>
    </Sheet>
  );
}
