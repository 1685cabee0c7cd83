/** What each view of the menu editor draws itself from. */
import type { Desk } from "./desk";
import type { BrandMenu, Item, MenuAnswer } from "./shapes";

export interface MenuView {
  desk: Desk;
  seen: MenuAnswer;
  draft: BrandMenu;
}

export interface ItemProps extends MenuView {
  item: Item;
}

/** Kitchen stations that any venue of the brand has. */
export const stationsOf = ({ venues }: MenuAnswer): string[] => [...new Set(venues.flatMap(({ stations }) => stations))].sort();
