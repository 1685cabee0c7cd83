/** A dish being made up for the cart, or a line of the cart being changed: choices, a note, how many. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type CartItem, type MenuItem } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Allergens, chosenOf, Group, toggled } from "../../guest/dish";
import type { MenuBook } from "../../guest/lines";
import { Stepper } from "../../guest/stepper";
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
  const note = useSignal(line?.note ?? "");
  const qty = useSignal(line?.qty ?? 1);
  const name = item?.name ?? line?.name ?? "";
  const groups = item ? book.groupsOf(item) : [];
  const lacking = groups.find((group) => chosenOf(group, chosen.value).length < group.least);
  const made = { qty: qty.value, note: note.value.trim(), modifiers: chosen.value };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (line) whole.change(line, made);
    else if (item) whole.add({ menu_item: item.id, member, ...made });
    onClose();
  };
  const remove = (): void => {
    if (line) whole.change(line, { qty: 0 });
    onClose();
  };
  const price = item ? formatMoney(qty.value * book.priceOf(item, chosen.value), book.menu.currency) : "";
  return (
    <Sheet label={name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2>{name}</h2>
        {item && <Allergens names={item.allergens} />}
        {groups.map((group) => (
          <Group key={group.id} group={group} currency={book.menu.currency} chosen={chosen.value} onToggle={(option) => (chosen.value = toggled(group, chosen.value, option))} />
        ))}
        <label class="field">
          <span>Note for the kitchen</span>
          <input class="input" maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </label>
        <div class="sheet-foot">
          <Stepper name={name} qty={qty.value} least={1} onChange={(next) => (qty.value = next)} />
          {line && <button type="button" class="button danger" onClick={remove}>Remove</button>}
          <button type="submit" class="button go" disabled={lacking !== undefined}>{lacking ? `Choose: ${lacking.name}` : line ? "Save" : `Add · ${price}`}</button>
        </div>
      </form>
    </Sheet>
  );
}
