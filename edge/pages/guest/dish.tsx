/** One dish in full: choices, a note for the kitchen, how many. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type MenuItem, type ModifierGroup } from "@holdfast/protocol";
import { Badge, Sheet } from "@holdfast/pages";
import { Stepper } from "./stepper";
import type { Table } from "./table";

export interface DishProps {
  table: Table;
  item: MenuItem;
  onClose: () => void;
  onJoin: () => void;
}

export function Dish({ table, item, onClose, onJoin }: DishProps): JSX.Element {
  const book = table.menu.value;
  const groups = book.groupsOf(item);
  const chosen = useSignal<number[]>([]);
  const note = useSignal("");
  const qty = useSignal(1);
  const lacking = groups.find((group) => chosenOf(group, chosen.value).length < group.least);
  const soldOut = book.items.get(item.id)?.sold_out ?? true;

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!table.me.value) return onJoin();
    table.add({ menu_item: item.id, qty: qty.value, note: note.value.trim(), modifiers: chosen.value });
    onClose();
  };
  const price = formatMoney(qty.value * book.priceOf(item, chosen.value), book.menu.currency);
  return (
    <Sheet label={item.name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2>{item.name}</h2>
        {item.description && <p class="soft">{item.description}</p>}
        <Allergens names={item.allergens} />
        {groups.map((group) => (
          <Group
            key={group.id} group={group} currency={book.menu.currency} chosen={chosen.value}
            onToggle={(option) => (chosen.value = toggled(group, chosen.value, option))}
          />
        ))}
        <label class="field">
          <span>Note</span>
          <input class="input" maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </label>
        <div class="dish-foot">
          <Stepper name={item.name} qty={qty.value} least={1} onChange={(next) => (qty.value = next)} />
          <button type="submit" class="button go" disabled={soldOut || lacking !== undefined || table.frozen.value}>
            {soldOut ? "Sold out" : lacking ? `Choose: ${lacking.name}` : `Add · ${price}`}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

export function Allergens({ names }: { names: string[] }): JSX.Element | null {
  if (names.length === 0) return null;
  return (
    <p class="allergens">
      <span class="unseen">Contains</span>
      {names.map((name) => <Badge key={name}>{name}</Badge>)}
    </p>
  );
}

interface GroupProps {
  group: ModifierGroup;
  currency: string;
  chosen: number[];
  onToggle: (option: number) => void;
}

export function Group({ group, currency, chosen, onToggle }: GroupProps): JSX.Element {
  const one = group.most === 1 && group.least === 1;
  const full = !one && chosenOf(group, chosen).length >= group.most;
  return (
    <fieldset class="group">
      <legend>{group.name} <span class="soft">{rule(group)}</span></legend>
      {group.options.map((option) => (
        <label key={option.id} class="option">
          <input
            type={one ? "radio" : "checkbox"} name={`group-${group.id}`} checked={chosen.includes(option.id)}
            disabled={full && group.most > 1 && !chosen.includes(option.id)} onChange={() => onToggle(option.id)}
          />
          <span>{option.name}</span>
          {option.price_minor !== 0 && <span class="soft number">+ {formatMoney(option.price_minor, currency)}</span>}
        </label>
      ))}
    </fieldset>
  );
}

function rule({ least, most }: ModifierGroup): string {
  if (least === most) return `choose ${most}`;
  return least === 0 ? `up to ${most}` : `${least} to ${most}`;
}

export function chosenOf(group: ModifierGroup, chosen: number[]): number[] {
  return chosen.filter((id) => group.options.some((option) => option.id === id));
}

/** Where only one may be chosen a second choice replaces the first. */
export function toggled(group: ModifierGroup, chosen: number[], option: number): number[] {
  if (chosen.includes(option)) return group.least === 1 && group.most === 1 ? chosen : chosen.filter((id) => id !== option);
  const kept = group.most === 1 ? chosen.filter((id) => !group.options.some((each) => each.id === id)) : chosen;
  return [...kept, option];
}
