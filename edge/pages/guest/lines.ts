/**
 * What the guest sees in the cart: the box's cart with the guest's own unanswered taps laid over it.
 *
 * Rule of the file: pure, derived anew at each change, so an optimistic line can never outlive its intent.
 */
import type { CartItem, Menu, MenuItem, MenuOption, ModifierGroup } from "@holdfast/protocol";
import type { Cart } from "./cart";
import { keyOf, type Intent, type Intents, type LineKey } from "./intents";

export interface Line {
  key: LineKey;
  menu_item: number;
  name: string;
  qty: number;
  member: string;
  price_minor: number;
  note: string;
  modifiers: number[];
  /** The box has not yet answered for what is shown. */
  saving: boolean;
}

export function linesOf(cart: Cart, intents: Intents, menu: MenuBook, me: string): Line[] {
  const lines = new Map<LineKey, Line>();
  for (const item of cart.items.values()) lines.set(keyOf(item), savedLine(item));
  for (const intent of intents) overlay(lines, intent, menu, me);
  return [...lines.values()];
}

function savedLine(item: CartItem): Line {
  const { menu_item, name, qty, member, price_minor, note, modifiers } = item;
  return { key: keyOf(item), menu_item, name, qty, member, price_minor, note, modifiers, saving: false };
}

function overlay(lines: Map<LineKey, Line>, intent: Intent, menu: MenuBook, me: string): void {
  const line = lines.get(intent.line);
  if (intent.op === "create") {
    const dish = menu.items.get(intent.menu_item);
    lines.set(intent.line, {
      key: intent.line, menu_item: intent.menu_item, name: dish?.name ?? `Item ${intent.menu_item}`,
      qty: intent.qty, member: me, price_minor: dish ? menu.priceOf(dish, intent.modifiers) : 0,
      note: intent.note, modifiers: intent.modifiers, saving: true,
    });
  } else if (intent.op === "delete") lines.delete(intent.line);
  else if (line) lines.set(intent.line, { ...line, qty: intent.qty, saving: true });
}

export function totalOf(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + line.qty * line.price_minor, 0);
}

export function piecesOf(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + line.qty, 0);
}

/** Menu item → pieces. */
export function countedByDish(lines: Line[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const line of lines) counts.set(line.menu_item, (counts.get(line.menu_item) ?? 0) + line.qty);
  return counts;
}

/** Only the person who added a line, or the host, may change it (contract.md, Guests). */
export function mayChange(line: Line, me: string, host: boolean): boolean {
  return host || line.member === me;
}

/** A menu with its look-ups ready. */
export class MenuBook {
  readonly items: ReadonlyMap<number, MenuItem>;
  readonly options: ReadonlyMap<number, MenuOption>;

  constructor(readonly menu: Menu) {
    this.items = new Map(menu.items.map((item) => [item.id, item]));
    this.options = new Map(menu.modifier_groups.flatMap((group) => group.options.map((option) => [option.id, option])));
  }

  groupsOf(item: MenuItem): ModifierGroup[] {
    const wanted = new Set(item.modifier_groups);
    return this.menu.modifier_groups.filter((group) => wanted.has(group.id));
  }

  /** For one piece, modifiers included. */
  priceOf(item: MenuItem, modifiers: number[]): number {
    return modifiers.reduce((sum, id) => sum + (this.options.get(id)?.price_minor ?? 0), item.price_minor);
  }
}

export const NO_MENU = new MenuBook({
  menu_version: 0, currency: "EUR", venue_name: "", categories: [], items: [], modifier_groups: [],
});
