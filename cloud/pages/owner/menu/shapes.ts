/**
 * A brand's menu as the cloud keeps it. Fields that are as they mostly are may be left out.
 *
 * Written by hand; counterparts: `protocol/facts/menu.py` and `cloud/owners/menu/brand_menu.py`. Fields that are not named here
 * are carried along untouched, so an older page does not lose what a newer cloud knows.
 */
export interface Option { id: number; name: string; price_minor?: number }
export interface Group { id: number; name: string; options: Option[]; least?: number; most?: number }
export interface Choice { menu_item: number; price_minor?: number }
export interface Slot { id: number; name: string; choices: Choice[] }

export const COURSES = ["starter", "main", "dessert"] as const;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export interface Hours { begins: string; ends: string; days?: Day[] }

/** In two sizes, by name; `large` is as wide and high as it says. */
export interface Picture { small: string; large: string; width_px: number; height_px: number }

export interface Item {
  id: number;
  name: string;
  category: string;
  price_minor: number;
  description?: string;
  station?: string;
  allergens?: string[];
  modifier_groups?: number[];
  stock?: number | null;
  tax_rate_bp?: number;
  takeaway_tax_rate_bp?: number | null;
  takeaway_price_minor?: number | null;
  hours?: Hours[];
  slots?: Slot[];
  course?: string;
  picture?: Picture | null;
}

export interface Menu {
  menu_version: number;
  currency: string;
  categories: string[];
  items: Item[];
  modifier_groups?: Group[];
}

export interface Override {
  item: number;
  price_minor?: number | null;
  tax_rate_bp?: number | null;
  station?: string | null;
  hidden?: boolean;
}

export interface PriceChange { item: number; price_minor: number; at: string; venue_id?: string | null }

export interface BrandMenu {
  menu: Menu;
  overrides?: { venue_id: string; items?: Override[] }[];
  price_changes?: PriceChange[];
}

export interface VenueMenu {
  venue_id: string;
  name: string;
  currency: string;
  stations: string[];
  version: number | null;
  by_hand: boolean;
  adopted: boolean;
  next_due_at: string | null;
}

export interface MenuVersion { version: number; note: string; published_by: string; published_at: string }

export interface MenuAnswer {
  draft: BrandMenu;
  draft_version: number;
  saved_by: string | null;
  saved_at: string | null;
  published: BrandMenu | null;
  published_version: number;
  venues: VenueMenu[];
  versions: MenuVersion[];
}

/** What is left out, as the protocol means it; so that leaving out and writing down are no difference. */
export const USUAL: Readonly<Partial<Item>> = {
  description: "", station: "kitchen", allergens: [], modifier_groups: [], stock: null, tax_rate_bp: 0,
  takeaway_tax_rate_bp: null, takeaway_price_minor: null, hours: [], slots: [], course: "", picture: null,
};

/** Ids are drawn, not counted: two managers who add a dish at once must not mean the same one. */
export const freshId = (): number => 100_000_000 + Math.floor(Math.random() * 1_900_000_000);
