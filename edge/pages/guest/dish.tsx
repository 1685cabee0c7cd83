/** One dish in full: choices, a note for the kitchen, how many. A combo asks what fills each of its slots. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, type ComboSlot, type MenuItem, type ModifierGroup, type SlotChoice } from "@holdfast/protocol";
import { Badge, Sheet } from "@holdfast/pages";
import type { MenuBook } from "./lines";
import { gone } from "./picture";
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
  const chosen = useSignal<number[]>([]);
  const filled = useSignal<SlotChoice[]>([]);
  const note = useSignal("");
  const qty = useSignal(1);
  const takeaway = table.takeaway.value;
  const lacking = unanswered(book, item, chosen.value, filled.value);
  const offered = book.offers(item.id);

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!table.me.value) return onJoin();
    table.add({
      menu_item: item.id, qty: qty.value, note: note.value.trim(), modifiers: chosen.value, takeaway, choices: filled.value,
    });
    onClose();
  };
  const each = book.priceOf(item, { modifiers: chosen.value, choices: filled.value, takeaway });
  const price = formatMoney(qty.value * each, book.menu.currency);
  return (
    <Sheet label={item.name} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {item.picture && <img class="dish-large" src={`/dishes/${item.picture.large}`} width={item.picture.width_px} height={item.picture.height_px} decoding="async" alt={item.name} onError={gone} />}
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
          <button type="submit" class="button go" disabled={!offered || lacking !== null || table.frozen.value}>
            {offered ? (lacking ? `Choose: ${lacking}` : `Add${takeaway ? " to take away" : ""} · ${price}`) : withheld(book, item)}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

const withheld = (book: MenuBook, item: MenuItem): string => (book.items.get(item.id)?.sold_out ?? true ? "Sold out" : "Not served now");

/** The first question that has no answer yet, or null. */
export function unanswered(book: MenuBook, item: MenuItem, chosen: number[], filled: SlotChoice[]): string | null {
  const open = book.groupsOf(item).find((group) => chosenOf(group, chosen).length < group.least);
  if (open) return open.name;
  for (const slot of item.slots) {
    const choice = filled.find((each) => each.slot === slot.id);
    const dish = choice && book.items.get(choice.menu_item);
    if (!choice || !dish) return slot.name;
    const within = unanswered(book, dish, choice.modifiers, []);
    if (within) return within;
  }
  return null;
}

interface SlotProps {
  slot: ComboSlot;
  book: MenuBook;
  filled: Signal<SlotChoice[]>;
}

/** A dish for the slot, and beneath it what that dish asks. */
export function Slot({ slot, book, filled }: SlotProps): JSX.Element {
  const choice = filled.value.find((each) => each.slot === slot.id);
  const dish = choice && book.items.get(choice.menu_item);
  const fill = (menu_item: number, modifiers: number[]): void => {
    filled.value = [...filled.value.filter((each) => each.slot !== slot.id), { slot: slot.id, menu_item, modifiers }];
  };
  return (
    <>
      <fieldset class="group">
        <legend>{slot.name} <span class="soft">choose 1</span></legend>
        {slot.choices.map(({ menu_item, price_minor }) => (
          <label key={menu_item} class="option" data-out={!book.offers(menu_item)}>
            <input
              type="radio" name={`slot-${slot.id}`} checked={choice?.menu_item === menu_item} disabled={!book.offers(menu_item)}
              onChange={() => fill(menu_item, [])}
            />
            <span>{book.items.get(menu_item)?.name}<Allergens names={book.items.get(menu_item)?.allergens ?? []} /></span>
            <span class="soft number">{dearer(book, menu_item, price_minor)}</span>
          </label>
        ))}
      </fieldset>
      {dish && <Groups book={book} item={dish} chosen={choice.modifiers} onChange={(next) => fill(dish.id, next)} />}
    </>
  );
}

function dearer(book: MenuBook, menu_item: number, price_minor: number): string {
  if (!book.offers(menu_item)) return book.items.get(menu_item)?.sold_out ? "sold out" : "not now";
  if (price_minor === 0) return "";
  return `${price_minor > 0 ? "+" : "−"} ${formatMoney(Math.abs(price_minor), book.menu.currency)}`;
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

interface GroupsProps {
  book: MenuBook;
  item: MenuItem;
  chosen: number[];
  onChange: (chosen: number[]) => void;
}

export function Groups({ book, item, chosen, onChange }: GroupsProps): JSX.Element {
  return (
    <>
      {book.groupsOf(item).map((group) => (
        <Group
          key={group.id} group={group} currency={book.menu.currency} chosen={chosen}
          onToggle={(option) => onChange(toggled(group, chosen, option))}
        />
      ))}
    </>
  );
}

interface GroupProps {
  group: ModifierGroup;
  currency: string;
  chosen: number[];
  onToggle: (option: number) => void;
}

function Group({ group, currency, chosen, onToggle }: GroupProps): JSX.Element {
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

function chosenOf(group: ModifierGroup, chosen: number[]): number[] {
  return chosen.filter((id) => group.options.some((option) => option.id === id));
}

/** Where only one may be chosen a second choice replaces the first. */
function toggled(group: ModifierGroup, chosen: number[], option: number): number[] {
  if (chosen.includes(option)) return group.least === 1 && group.most === 1 ? chosen : chosen.filter((id) => id !== option);
  const kept = group.most === 1 ? chosen.filter((id) => !group.options.some((each) => each.id === id)) : chosen;
  return [...kept, option];
}
