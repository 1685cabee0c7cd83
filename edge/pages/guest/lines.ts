/**
 * What the guest sees in the cart: the box's cart with the guest's own unanswered taps laid over it.
 *
 * Rule of the file: pure, derived anew at each change, so an optimistic line can never outlive its intent.
 */
import type { CartItem, RecalledLine, SlotChoice } from "@holdfast/protocol";
import type { MenuBook } from "@holdfast/pages/menu/book";
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
  takeaway: boolean;
  choices: SlotChoice[];
  /** Why the dish is no longer what was added; null for one that is. */
  recalled: RecalledLine["reason"] | null;
  /** The box has not yet answered for what is shown. */
  saving: boolean;
}

export type Recalled = ReadonlyMap<number, RecalledLine["reason"]>;

export function linesOf(cart: Cart, intents: Intents, menu: MenuBook, me: string, recalled: Recalled): Line[] {
  const lines = new Map<LineKey, Line>();
  for (const item of cart.items.values()) lines.set(keyOf(item), savedLine(item, recalled.get(item.id) ?? null));
  for (const intent of intents) overlay(lines, intent, menu, me);
  return [...lines.values()];
}

function savedLine(item: CartItem, recalled: Line["recalled"]): Line {
  const { menu_item, name, qty, member, price_minor, note, modifiers, takeaway, choices } = item;
  return { key: keyOf(item), menu_item, name, qty, member, price_minor, note, modifiers, takeaway, choices, recalled, saving: false };
}

function overlay(lines: Map<LineKey, Line>, intent: Intent, menu: MenuBook, me: string): void {
  const line = lines.get(intent.line);
  if (intent.op === "create") {
    const dish = menu.items.get(intent.menu_item);
    lines.set(intent.line, {
      key: intent.line, menu_item: intent.menu_item, name: dish?.name ?? `Item ${intent.menu_item}`,
      qty: intent.qty, member: me, price_minor: dish ? menu.priceOf(dish, intent) : 0,
      note: intent.note, modifiers: intent.modifiers, takeaway: intent.takeaway, choices: intent.choices, recalled: null, saving: true,
    });
  } else if (intent.op === "delete") lines.delete(intent.line);
  else if (line) lines.set(intent.line, { ...line, qty: intent.qty, takeaway: intent.takeaway, saving: true });
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
