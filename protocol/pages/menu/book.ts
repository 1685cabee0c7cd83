/** A menu with its look-ups ready: what a dish asks, what it costs as it was chosen, whether it can be had. Pure. */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Menu, MenuItem, MenuOption, ModifierGroup, SlotChoice } from "@holdfast/protocol";

/** How a dish is wanted. */
export interface Chosen {
  modifiers: number[];
  choices: SlotChoice[];
  takeaway: boolean;
}

/** What somebody puts into a cart. */
export interface Wanted extends Chosen {
  menu_item: number;
  qty: number;
  note: string;
}

/** What a page that sells from a menu shows of it, besides the menu itself. */
export interface Shelf {
  readonly menu: ReadonlySignal<MenuBook>;
  /** How many of each dish are in the cart. */
  readonly inCart: ReadonlySignal<ReadonlyMap<number, number>>;
  /** Whether what is added next is taken away. */
  readonly takeaway: Signal<boolean>;
  /** Nothing can be added now. */
  readonly frozen: ReadonlySignal<boolean>;
  /** Where the files are that dishes' pictures name. */
  readonly pictures: string;
}

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

  /** For one piece, with what was chosen. */
  priceOf(item: MenuItem, { modifiers, choices, takeaway }: Chosen): number {
    const options = [...modifiers, ...choices.flatMap((choice) => choice.modifiers)];
    const base = takeaway ? item.takeaway_price_minor : item.price_minor;
    const slots = choices.reduce((sum, choice) => sum + this.dearer(item, choice), base);
    return options.reduce((sum, id) => sum + (this.options.get(id)?.price_minor ?? 0), slots);
  }

  private dearer(item: MenuItem, { slot, menu_item }: SlotChoice): number {
    const choices = item.slots.find((each) => each.id === slot)?.choices ?? [];
    return choices.find((each) => each.menu_item === menu_item)?.price_minor ?? 0;
  }

  /** Whether a dish can be had now. */
  offers(id: number): boolean {
    const item = this.items.get(id);
    return item !== undefined && item.available && !item.sold_out;
  }

  /** The same menu with one dish sold out, or back; itself where it does not have that dish. */
  marked(id: number, sold_out: boolean): MenuBook {
    if (!this.items.has(id)) return this;
    return new MenuBook({ ...this.menu, items: this.menu.items.map((item) => (item.id === id ? { ...item, sold_out } : item)) });
  }

  /** Whether it takes a sheet to order it: there is something to choose. */
  asks(item: MenuItem): boolean {
    return item.modifier_groups.length > 0 || item.slots.length > 0;
  }

  /** What was chosen, as people say it. */
  wordsOf({ modifiers, choices }: Pick<Chosen, "modifiers" | "choices">): string[] {
    const named = (ids: number[]): string[] => ids.map((id) => this.options.get(id)?.name ?? "");
    const parts = choices.map((choice) => [this.items.get(choice.menu_item)?.name ?? "", ...named(choice.modifiers)].join(", "));
    return [...parts, ...named(modifiers)];
  }
}

export const NO_MENU = new MenuBook({
  menu_version: 0, currency: "EUR", venue_name: "", categories: [], items: [], modifier_groups: [], takeaway: false, shop: false,
});
