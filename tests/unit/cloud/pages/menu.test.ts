/** Menus: what is different, what two managers' work makes together, prices as they are typed. */
import { expect, test } from "vitest";
import { priceOf, priceText, rateOf, rateText } from "../../../../cloud/pages/owner/menu/amounts";
import { addCategory, moveCategory, moveItem, putItem, putOverride, putPlan, removeCategory, removeItem, renameCategory, toggledDay } from "../../../../cloud/pages/owner/menu/edit";
import { apart, differences, merged, settled, together } from "../../../../cloud/pages/owner/menu/parts";
import type { BrandMenu, Item } from "../../../../cloud/pages/owner/menu/shapes";
import { Steps } from "../../../../cloud/pages/owner/menu/undo";

const SOUP: Item = { id: 1, name: "Soup", category: "Starters", price_minor: 600 };
const STEAK: Item = { id: 2, name: "Steak", category: "Mains", price_minor: 2400, station: "grill" };
const BASE: BrandMenu = { menu: { menu_version: 0, currency: "EUR", categories: ["Starters", "Mains"], items: [SOUP, STEAK] } };
const item = (brand: BrandMenu, id: number): Item | undefined => brand.menu.items.find((each) => each.id === id);

test("apart and together is the same menu, with what nobody here knows of", () => {
  const strange = putItem(BASE, { ...SOUP, sparkle: 3 } as Item);
  const whole = putPlan(putOverride(strange, "pier", { item: 1, price_minor: 700 }), { item: 2, price_minor: 2500, at: "2026-12-01T00:00" });
  const again = together(apart(whole));
  expect(differences(whole, again)).toEqual([]);
  expect(item(again, 1)).toMatchObject({ sparkle: 3 });
});

test("what is left out and what is written as usual are no difference", () => {
  expect(differences(BASE, putItem(BASE, { ...SOUP, description: "", station: "kitchen", hours: [], stock: null }))).toEqual([]);
});

test("each difference is told once, and by its fields", () => {
  const after = putOverride(removeItem(putItem(putItem(BASE, { ...SOUP, price_minor: 650 }), { ...SOUP, id: 9, name: "Broth" }), 2), "pier", { item: 1, hidden: true });
  expect(differences(BASE, after).map(({ key, how, fields }) => [key, how, fields.includes("price_minor")])).toEqual([
    ["item/1", "changed", true], ["item/2", "removed", true], ["item/9", "added", true], ["venue/pier/1", "added", true],
  ]);
});

test("another order is a difference; something new at the end is not one of order", () => {
  const twin = putItem(BASE, { ...SOUP, id: 3 });
  expect(differences(BASE, twin).map(({ kind }) => kind)).toEqual(["item"]);
  expect(differences(twin, moveItem(twin, 3, -1)).map(({ kind }) => kind)).toEqual(["order"]);
});

test("two managers who changed different things both keep their work", () => {
  const mine = putItem(putItem(BASE, { ...SOUP, price_minor: 650 }), { ...SOUP, id: 9, name: "Broth" });
  const theirs = renameCategory(putItem(BASE, { ...SOUP, name: "Soup of the day" }), "Mains", "Main courses");
  const { menu, clashes } = merged(BASE, mine, theirs);
  expect(clashes).toEqual([]);
  expect(item(menu, 1)).toMatchObject({ name: "Soup of the day", price_minor: 650 });
  expect(item(menu, 9)?.name).toBe("Broth");
  expect(item(menu, 2)?.category).toBe("Main courses");
  expect(menu.menu.categories).toEqual(["Starters", "Main courses"]);
});

test("where both changed the same, both values are kept until somebody chooses", () => {
  const mine = putItem(BASE, { ...SOUP, price_minor: 650 });
  const { menu, clashes } = merged(BASE, mine, putItem(BASE, { ...SOUP, price_minor: 700 }));
  expect(clashes).toEqual([{ key: "item/1", field: "price_minor", mine: 650, theirs: 700 }]);
  expect(item(menu, 1)?.price_minor).toBe(650);
  expect(item(settled(menu, clashes), 1)?.price_minor).toBe(700);
});

test("what one removed and the other changed stays, and is asked about", () => {
  const changed = putItem(BASE, { ...STEAK, price_minor: 2600 });
  const { menu, clashes } = merged(BASE, changed, removeItem(BASE, 2));
  expect(item(menu, 2)?.price_minor).toBe(2600);
  expect(clashes).toMatchObject([{ key: "item/2", field: "", theirs: null }]);
  expect(item(settled(menu, clashes), 2)).toBeUndefined();
});

test("what one removed and the other left alone is gone", () => {
  const { menu, clashes } = merged(BASE, putItem(BASE, { ...SOUP, name: "x" }), removeItem(BASE, 2));
  expect(clashes).toEqual([]);
  expect(menu.menu.items.map(({ id }) => id)).toEqual([1]);
});

test("an item goes with all that was said about it", () => {
  const combo: Item = { id: 5, name: "Lunch", category: "Mains", price_minor: 900, slots: [{ id: 1, name: "First", choices: [{ menu_item: 1 }, { menu_item: 2 }] }] };
  const whole = putPlan(putOverride(putItem(BASE, combo), "pier", { item: 1, hidden: true }), { item: 1, price_minor: 1, at: "2026-12-01T00:00" });
  const after = removeItem(whole, 1);
  expect([after.overrides, after.price_changes]).toEqual([[{ venue_id: "pier", items: [] }], []]);
  expect(item(after, 5)?.slots?.[0]?.choices).toEqual([{ menu_item: 2 }]);
});

test.each([
  ["12,50", 1250], ["12.5", 1250], ["12", 1200], [" 0.05 ", 5], ["-1.20", -120], ["-0", 0],
  ["", null], ["12.505", null], ["1e3", null], ["1.234,50", null], ["12.", null], ["€5", null],
])("as a price %j is %j", (text, minor) => {
  expect(priceOf(text, "EUR")).toBe(minor);
});

test("prices of other currencies have other digits, there and back", () => {
  expect(priceOf("1200", "JPY")).toBe(1200);
  expect(priceOf("1.5", "JPY")).toBeNull();
  for (const minor of [0, 5, 99, 100, 123_456, -50]) expect(priceOf(priceText(minor, "KWD"), "KWD")).toBe(minor);
  expect([rateOf("19"), rateOf("8,1 %".replace(" ", "")), rateText(1900), rateText(810)]).toEqual([1900, 810, "19", "8.10"]);
});

test("a category that goes takes its items along, or leaves them to another one", () => {
  expect(removeCategory(BASE, "Starters", "Mains").menu).toMatchObject({ categories: ["Mains"], items: [{ ...SOUP, category: "Mains" }, STEAK] });
  const dear = putOverride(BASE, "pier", { item: 1, price_minor: 700 });
  const without = removeCategory(dear, "Starters");
  expect([without.menu.categories, without.menu.items, without.overrides]).toEqual([["Mains"], [STEAK], [{ venue_id: "pier", items: [] }]]);
});

/** A manager's page on which one thing after the other is changed. */
function page(): { steps: Steps; now: BrandMenu; edit: (change: (brand: BrandMenu) => BrandMenu, at_ms?: number) => void; back: () => BrandMenu } {
  const steps = new Steps();
  const self = {
    steps, now: together(apart(BASE)),
    edit: (change: (brand: BrandMenu) => BrandMenu, at_ms = 0): void => {
      const before = self.now;
      self.now = change(before);
      steps.took(before, self.now, at_ms);
    },
    back: (): BrandMenu => (self.now = steps.back(self.now) ?? self.now),
  };
  return self;
}

test("every kind of step is taken back, the newest first", () => {
  const desk = page();
  const states = [desk.now];
  const changes: ((brand: BrandMenu) => BrandMenu)[] = [
    (brand) => addCategory(brand, "Drinks"), (brand) => moveCategory(brand, "Drinks", -1), (brand) => renameCategory(brand, "Mains", "Main courses"),
    (brand) => putItem(brand, { id: 5, name: "Tea", category: "Drinks", price_minor: 300 }), (brand) => putOverride(brand, "pier", { item: 5, price_minor: 350 }),
    (brand) => removeItem(brand, 1), (brand) => removeCategory(brand, "Drinks", "Starters"),
  ];
  for (const change of changes) {
    desk.edit(change, states.length * 10_000);
    states.push(desk.now);
  }
  for (const before of states.slice(0, -1).reverse()) expect(differences(before, desk.back())).toEqual([]);
  expect(desk.steps.count).toBe(0);
});

test("letters typed into one field are one step, another field is another", () => {
  const desk = page();
  for (const [place, name] of ["B", "Br", "Bro"].entries()) desk.edit((brand) => putItem(brand, { ...SOUP, name }), place * 100);
  desk.edit((brand) => putItem(brand, { ...item(brand, 1)!, price_minor: 700 }), 400);
  expect(item(desk.back(), 1)).toMatchObject({ name: "Bro", price_minor: 600 });
  expect(item(desk.back(), 1)?.name).toBe("Soup");
});

test("a step is taken back around what colleagues did since, and never over it", () => {
  const desk = page();
  desk.edit((brand) => putItem(brand, { ...SOUP, name: "Broth", price_minor: 700 }));
  desk.now = putItem(putItem(desk.now, { ...item(desk.now, 1)!, name: "Soup of Bob" }), { ...STEAK, price_minor: 2600 });
  const after = desk.back();
  expect([item(after, 1)?.name, item(after, 1)?.price_minor, item(after, 2)?.price_minor]).toEqual(["Soup of Bob", 600, 2600]);
});

test("a category that somebody takes back stays for a colleague's dish in it", () => {
  const desk = page();
  desk.edit((brand) => renameCategory(brand, "Mains", "Main courses"));
  desk.now = putItem(desk.now, { id: 9, name: "Fish", category: "Main courses", price_minor: 900 });
  const { categories, items } = desk.back().menu;
  expect(items.filter(({ category }) => !categories.includes(category))).toEqual([]);
  expect(categories).toContain("Main courses");
});

test("the last day of a window stays, because no day at all would mean every day", () => {
  const fridays = { begins: "11:30", ends: "14:30", days: ["fri" as const] };
  expect(toggledDay(fridays, "fri")).toBe(fridays);
  expect(toggledDay(fridays, "mon").days).toEqual(["mon", "fri"]);
  expect(toggledDay({ ...fridays, days: [] }, "sun").days).toEqual(["mon", "tue", "wed", "thu", "fri", "sat"]);
  expect(toggledDay({ ...fridays, days: ["mon", "tue", "wed", "thu", "fri", "sat"] }, "sun").days).toEqual([]);
});
