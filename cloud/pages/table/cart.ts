/**
 * The cart on a far guest's phone: what was chosen, at which price it was seen, and what is no longer so. Pure.
 *
 * Rule of the file: nobody orders what has changed under their eyes. A dish that costs more by now is asked about, one
 * that cannot be had any more has to go; the box refuses both as well (`edge/effects/afar/guest_errands.py`).
 */
import { uuid7 } from "@holdfast/protocol";
import type { MenuBook, Wanted } from "@holdfast/pages/menu/book";

export interface FarLine extends Wanted {
  mid: string;
  name: string;
  /** What one piece cost when it was put in, or when the guest agreed to it last. */
  price_minor: number;
}

/** Why a line cannot be ordered as it stands. */
export type Flaw = "withdrawn" | "sold_out" | "not_now" | "dearer";

/** Null where all is well, and while there is no menu to tell by. */
export function flawOf(book: MenuBook, line: FarLine): Flaw | null {
  if (book.items.size === 0) return null;
  const dishes = [line.menu_item, ...line.choices.map((choice) => choice.menu_item)].map((id) => book.items.get(id));
  const options = [...line.modifiers, ...line.choices.flatMap((choice) => choice.modifiers)];
  if (dishes.includes(undefined) || options.some((id) => !book.options.has(id))) return "withdrawn";
  if (dishes.some((dish) => dish?.sold_out)) return "sold_out";
  if (dishes.some((dish) => dish?.available === false)) return "not_now";
  return priceNow(book, line) > line.price_minor ? "dearer" : null;
}

/** What one piece costs now; what it cost, where the menu does not say any more. */
export function priceNow(book: MenuBook, line: FarLine): number {
  const dish = book.items.get(line.menu_item);
  return dish ? book.priceOf(dish, line) : line.price_minor;
}

export function totalOf(book: MenuBook, lines: readonly FarLine[]): number {
  return lines.reduce((sum, line) => sum + line.qty * priceNow(book, line), 0);
}

/** One more of the same goes onto the line that is there; a note or a choice makes a line of its own. */
export function added(lines: readonly FarLine[], book: MenuBook, wanted: Wanted): FarLine[] {
  const dish = book.items.get(wanted.menu_item);
  const price_minor = dish ? book.priceOf(dish, wanted) : 0;
  const same = lines.find((line) => isPlain(line) && isPlain(wanted) && line.menu_item === wanted.menu_item && line.takeaway === wanted.takeaway && line.price_minor >= price_minor);
  if (same) return lines.map((line) => (line === same ? { ...line, qty: line.qty + wanted.qty } : line));
  return [...lines, { ...wanted, mid: uuid7(), name: dish?.name ?? "", price_minor }];
}

const isPlain = ({ note, modifiers, choices }: Wanted): boolean => note === "" && modifiers.length + choices.length === 0;

/** A quantity of nothing takes it out. Eaten elsewhere it may cost something else, which whoever taps it sees. */
export function changed(lines: readonly FarLine[], book: MenuBook, mid: string, change: Partial<Pick<FarLine, "qty" | "takeaway">>): FarLine[] {
  return lines.flatMap((line) => {
    if (line.mid !== mid) return [line];
    const next = { ...line, ...change };
    if (next.qty < 1) return [];
    return [change.takeaway === undefined ? next : { ...next, price_minor: priceNow(book, next) }];
  });
}

/** The guest agrees to what it costs now. */
export function agreed(lines: readonly FarLine[], book: MenuBook, mid: string): FarLine[] {
  return lines.map((line) => (line.mid === mid ? { ...line, price_minor: priceNow(book, line) } : line));
}

/** As it is sent: at the price that the guest sees, never at one that came after the tap. */
export const sendable = (lines: readonly FarLine[], book: MenuBook): FarLine[] => lines.map((line) => ({ ...line, price_minor: priceNow(book, line) }));

/** What was kept by an older page knows neither its name nor its price. */
export function restored(kept: readonly Partial<FarLine>[]): FarLine[] {
  return kept.flatMap(({ mid, menu_item, qty, ...more }) =>
    mid && menu_item && qty ? [{ note: "", modifiers: [], choices: [], takeaway: false, name: "", price_minor: Number.MAX_SAFE_INTEGER, ...more, mid, menu_item, qty }] : []);
}
