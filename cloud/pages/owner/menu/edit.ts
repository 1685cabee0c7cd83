/** Changes of a menu as a manager makes them. Rule of the file: pure; each answers with a new menu. */
import { differs } from "./parts";
import { DAYS, type BrandMenu, type Day, type Group, type Hours, type Item, type Override, type PriceChange } from "./shapes";

const withMenu = (brand: BrandMenu, changes: Partial<BrandMenu["menu"]>): BrandMenu => ({ ...brand, menu: { ...brand.menu, ...changes } });

/** Puts the item in the place of the one with its id, or at the end. */
export function putItem(brand: BrandMenu, item: Item): BrandMenu {
  return withMenu(brand, { items: put(brand.menu.items, item) });
}

/** With all that was said about it: differences at venues, planned prices, its place in combos. */
export function removeItem(brand: BrandMenu, id: number): BrandMenu {
  const items = brand.menu.items.filter((item) => item.id !== id).map((item) => (item.slots ? { ...item, slots: item.slots.map((slot) => ({ ...slot, choices: slot.choices.filter((choice) => choice.menu_item !== id) })) } : item));
  return {
    ...withMenu(brand, { items }),
    overrides: (brand.overrides ?? []).map((row) => ({ ...row, items: (row.items ?? []).filter((each) => each.item !== id) })),
    price_changes: (brand.price_changes ?? []).filter((change) => change.item !== id),
  };
}

/** One place up (-1) or down (1) among those of its category. */
export function moveItem(brand: BrandMenu, id: number, by: -1 | 1): BrandMenu {
  const items = [...brand.menu.items];
  const from = items.findIndex((item) => item.id === id);
  const moved = items[from];
  if (!moved) return brand;
  let to = from + by;
  while (items[to] && items[to]?.category !== moved.category) to += by;
  const other = items[to];
  if (!other) return brand;
  items[from] = other;
  items[to] = moved;
  return withMenu(brand, { items });
}

export function addCategory(brand: BrandMenu, name: string): BrandMenu {
  return brand.menu.categories.includes(name) ? brand : withMenu(brand, { categories: [...brand.menu.categories, name] });
}

export function renameCategory(brand: BrandMenu, from: string, to: string): BrandMenu {
  if (brand.menu.categories.includes(to)) return brand;
  return withMenu(brand, {
    categories: brand.menu.categories.map((name) => (name === from ? to : name)),
    items: brand.menu.items.map((item) => (item.category === from ? { ...item, category: to } : item)),
  });
}

export function moveCategory(brand: BrandMenu, name: string, by: -1 | 1): BrandMenu {
  const categories = [...brand.menu.categories];
  const from = categories.indexOf(name);
  const other = categories[from + by];
  if (from < 0 || other === undefined) return brand;
  categories[from] = other;
  categories[from + by] = name;
  return withMenu(brand, { categories });
}

/** What was in it goes `to` another one, or off the menu where there is none. */
export function removeCategory(brand: BrandMenu, name: string, to: string | null = null): BrandMenu {
  const inside = brand.menu.items.filter((item) => item.category === name);
  const emptied = to === null
    ? inside.reduce((left, item) => removeItem(left, item.id), brand)
    : withMenu(brand, { items: brand.menu.items.map((item) => (item.category === name ? { ...item, category: to } : item)) });
  return withMenu(emptied, { categories: emptied.menu.categories.filter((each) => each !== name) });
}

export function putGroup(brand: BrandMenu, group: Group): BrandMenu {
  return withMenu(brand, { modifier_groups: put(brand.menu.modifier_groups ?? [], group) });
}

/** No item asks it any more, either. */
export function removeGroup(brand: BrandMenu, id: number): BrandMenu {
  return withMenu(brand, {
    modifier_groups: (brand.menu.modifier_groups ?? []).filter((group) => group.id !== id),
    items: brand.menu.items.map((item) => (item.modifier_groups?.includes(id) ? { ...item, modifier_groups: item.modifier_groups.filter((each) => each !== id) } : item)),
  });
}

/** A window has a day at least: none of them would mean all of them. */
export const isOnlyDay = ({ days = [] }: Hours, day: Day): boolean => days.length === 1 && days[0] === day;

/** All days are written as none. */
export function toggledDay(window: Hours, day: Day): Hours {
  if (isOnlyDay(window, day)) return window;
  const days: readonly Day[] = window.days?.length ? window.days : DAYS;
  const chosen = DAYS.filter((each) => days.includes(each) !== (each === day));
  return { ...window, days: chosen.length === DAYS.length ? [] : chosen };
}

export function overrideOf(brand: BrandMenu, venue_id: string, item: number): Override {
  const row = brand.overrides?.find((each) => each.venue_id === venue_id);
  return row?.items?.find((each) => each.item === item) ?? { item };
}

export function putOverride(brand: BrandMenu, venue_id: string, override: Override): BrandMenu {
  const rows = brand.overrides ?? [];
  const items = (rows.find((row) => row.venue_id === venue_id)?.items ?? []).filter((each) => each.item !== override.item);
  const kept = differs(override) ? [...items, override] : items;
  const others = rows.filter((row) => row.venue_id !== venue_id);
  return { ...brand, overrides: kept.length > 0 ? [...others, { venue_id, items: kept }] : others };
}

export function putPlan(brand: BrandMenu, change: PriceChange): BrandMenu {
  return { ...brand, price_changes: [...withoutPlan(brand, change), change].sort((a, b) => a.at.localeCompare(b.at)) };
}

export function removePlan(brand: BrandMenu, change: PriceChange): BrandMenu {
  return { ...brand, price_changes: withoutPlan(brand, change) };
}

const withoutPlan = (brand: BrandMenu, { item, at, venue_id }: PriceChange): PriceChange[] =>
  (brand.price_changes ?? []).filter((each) => each.item !== item || each.at !== at || (each.venue_id ?? null) !== (venue_id ?? null));

function put<T extends { id: number }>(all: T[], one: T): T[] {
  return all.some(({ id }) => id === one.id) ? all.map((each) => (each.id === one.id ? one : each)) : [...all, one];
}
