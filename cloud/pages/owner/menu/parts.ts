/**
 * A menu taken apart into things that can be compared one by one, and put together again.
 *
 * A thing is an item, a question, what is different about an item at one venue, or a planned price; it has a key that
 * stays the same however the menu is ordered. `differences` is what a manager sees before publishing; `merged` puts
 * the work of two managers together, thing by thing and field by field, and asks only where both changed the same field.
 *
 * Rule of the file: pure. What is left out and what is written as it usually is are the same.
 */
import { USUAL, type BrandMenu, type Group, type Item, type Override, type PriceChange } from "./shapes";

export type Fields = Readonly<Record<string, unknown>>;
export type Kind = "item" | "question" | "venue" | "plan";

export interface Parts {
  things: Map<string, Fields>;
  orders: { categories: string[]; items: number[]; groups: number[] };
  currency: string;
}

export const keyOf = {
  item: (id: number): string => `item/${id}`,
  question: (id: number): string => `question/${id}`,
  venue: (venue_id: string, item: number): string => `venue/${venue_id}/${item}`,
  plan: (change: PriceChange): string => `plan/${change.item}/${change.venue_id ?? ""}/${change.at}`,
};

export const kindOf = (key: string): Kind => key.split("/")[0] as Kind;

export function apart({ menu, overrides = [], price_changes = [] }: BrandMenu): Parts {
  const things = new Map<string, Fields>();
  for (const item of menu.items) things.set(keyOf.item(item.id), { ...USUAL, ...item });
  for (const group of menu.modifier_groups ?? []) things.set(keyOf.question(group.id), { least: 0, most: 1, ...group });
  for (const { venue_id, items = [] } of overrides) {
    for (const override of items) things.set(keyOf.venue(venue_id, override.item), { price_minor: null, tax_rate_bp: null, station: null, hidden: false, ...override, venue_id });
  }
  for (const change of price_changes) things.set(keyOf.plan(change), { venue_id: null, ...change });
  return {
    things,
    orders: { categories: menu.categories, items: menu.items.map(({ id }) => id), groups: (menu.modifier_groups ?? []).map(({ id }) => id) },
    currency: menu.currency,
  };
}

export function together({ things, orders, currency }: Parts): BrandMenu {
  const of = <T>(kind: Kind): T[] => [...things].filter(([key]) => kindOf(key) === kind).map(([, fields]) => fields as T);
  const placed = <T extends { id: number }>(all: T[], order: number[]): T[] => [...all].sort((a, b) => place(order, a.id) - place(order, b.id));
  const items = placed(of<Item>("item"), orders.items);
  // A colleague's dish may stand in a category that somebody takes back: it stays as long as a dish does.
  const categories = [...new Set([...orders.categories, ...items.map(({ category }) => category)])];
  const venues = new Map<string, Override[]>();
  for (const { venue_id, ...override } of of<Override & { venue_id: string }>("venue")) {
    if (differs(override)) venues.set(venue_id, [...(venues.get(venue_id) ?? []), override]);
  }
  return {
    menu: {
      menu_version: 0, currency, categories,
      items, modifier_groups: placed(of<Group>("question"), orders.groups),
    },
    overrides: [...venues].map(([venue_id, items]) => ({ venue_id, items })),
    price_changes: of<PriceChange>("plan").sort((a, b) => a.at.localeCompare(b.at)),
  };
}

const place = (order: number[], id: number): number => (order.includes(id) ? order.indexOf(id) : order.length);

/** An override that says nothing is none. */
export const differs = ({ price_minor, tax_rate_bp, station, hidden }: Override): boolean =>
  (price_minor ?? null) !== null || (tax_rate_bp ?? null) !== null || (station ?? null) !== null || Boolean(hidden);

export interface Difference {
  key: string;
  kind: Kind | "order";
  how: "added" | "removed" | "changed";
  before: Fields | null;
  after: Fields | null;
  /** Names of the fields that are different. */
  fields: string[];
}

export function differences(before: BrandMenu, after: BrandMenu): Difference[] {
  const [old, fresh] = [apart(before), apart(after)];
  const found: Difference[] = [];
  for (const key of new Set([...old.things.keys(), ...fresh.things.keys()])) {
    const [was, is] = [old.things.get(key) ?? null, fresh.things.get(key) ?? null];
    const fields = changed(was ?? {}, is ?? {});
    if (fields.length > 0) found.push({ key, kind: kindOf(key), how: was ? (is ? "changed" : "removed") : "added", before: was, after: is, fields });
  }
  const orders = changed(old.orders, { ...fresh.orders });
  const moved = orders.filter((name) => name === "categories" || shuffled(old.orders[name as "items"], fresh.orders[name as "items"]));
  if (moved.length > 0) found.push({ key: "order", kind: "order", how: "changed", before: { ...old.orders }, after: { ...fresh.orders }, fields: moved });
  return found;
}

/** Whether those that are in both stand in another order; what was added or removed is told for itself. */
function shuffled(before: number[], after: number[]): boolean {
  return !same(before.filter((id) => after.includes(id)), after.filter((id) => before.includes(id)));
}

export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function changed(before: Fields, after: Fields): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !same(before[name], after[name]));
}

/** A field that two people changed differently since `base`, or a thing that one removed and the other changed. */
export interface Clash {
  key: string;
  field: string;
  mine: unknown;
  theirs: unknown;
}

export interface Merge {
  menu: BrandMenu;
  /** Where both changed the same; `menu` has mine there. */
  clashes: Clash[];
}

export function merged(base: BrandMenu, mine: BrandMenu, theirs: BrandMenu): Merge {
  const [from, left, right] = [apart(base), apart(mine), apart(theirs)];
  const things = new Map<string, Fields>();
  const clashes: Clash[] = [];
  for (const key of new Set([...left.things.keys(), ...right.things.keys()])) {
    const fields = mergedThing(key, from.things.get(key) ?? null, left.things.get(key) ?? null, right.things.get(key) ?? null, clashes);
    if (fields) things.set(key, fields);
  }
  const order = <T>(name: "categories" | "items" | "groups"): T[] =>
    mergedOrder(from.orders[name] as T[], left.orders[name] as T[], right.orders[name] as T[]);
  const orders = { categories: order<string>("categories"), items: order<number>("items"), groups: order<number>("groups") };
  return { menu: together({ things, orders, currency: left.currency === from.currency ? right.currency : left.currency }), clashes };
}

/** A thing that one removed and the other left alone is gone; one that the other changed stays. */
function mergedThing(key: string, from: Fields | null, mine: Fields | null, theirs: Fields | null, clashes: Clash[]): Fields | null {
  if (!mine || !theirs) {
    const left = mine ?? theirs;
    if (from && left && same(sorted(left), sorted(from))) return null;
    if (from) clashes.push({ key, field: "", mine, theirs });
    return left;
  }
  const fields: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const [was, left, right] = [from?.[name], mine[name], theirs[name]];
    fields[name] = same(left, was) ? right : left;
    if (!same(left, was) && !same(right, was) && !same(left, right)) clashes.push({ key, field: name, mine: left, theirs: right });
  }
  return fields;
}

const sorted = (fields: Fields): [string, unknown][] => Object.entries(fields).sort(([a], [b]) => a.localeCompare(b));

/** Mine where I moved something, else theirs; and in either case what each of us added, without what each removed. */
function mergedOrder<T>(from: T[], mine: T[], theirs: T[]): T[] {
  const [first, second] = same(mine, from) ? [theirs, mine] : [mine, theirs];
  const gone = (each: T): boolean => from.includes(each) && !(mine.includes(each) && theirs.includes(each));
  return [...first, ...second.filter((each) => !first.includes(each))].filter((each) => !gone(each));
}

/** The menu with what a colleague wrote, where that was chosen over one's own. */
export function settled(menu: BrandMenu, chosen: Clash[]): BrandMenu {
  const parts = apart(menu);
  for (const { key, field, theirs } of chosen) {
    if (field === "") {
      if (theirs) parts.things.set(key, theirs as Fields);
      else parts.things.delete(key);
    } else parts.things.set(key, { ...parts.things.get(key), [field]: theirs });
  }
  return together(parts);
}
