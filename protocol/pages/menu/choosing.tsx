/** What a dish asks and a guest chooses: options of its groups, dishes for the slots of a combo; allergens beside them. */
import type { JSX } from "preact";
import type { Signal } from "@preact/signals";
import { formatMoney, type ComboSlot, type MenuItem, type ModifierGroup, type SlotChoice } from "@holdfast/protocol";
import { Badge } from "../parts";
import type { MenuBook } from "./book";

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
