/** Menus in words: what a field is called, and how its value reads. Rule of the file: pure. */
import { formatMoney } from "@holdfast/protocol";
import { rateText } from "./amounts";
import { kindOf, type Difference } from "./parts";
import { DAYS, type BrandMenu, type Choice, type Hours, type Option, type Picture, type Slot, type VenueMenu } from "./shapes";

export const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: "name", category: "category", price_minor: "price", description: "description", station: "kitchen station",
  allergens: "allergens", modifier_groups: "questions", stock: "stock", tax_rate_bp: "tax", takeaway_tax_rate_bp: "takeaway tax",
  takeaway_price_minor: "takeaway price", hours: "served", slots: "combo", course: "course", picture: "picture", options: "answers", least: "at least", most: "at most",
  hidden: "not sold here", categories: "order of categories", items: "order of items", groups: "order of questions", at: "from",
};

const DAY_WORDS: Readonly<Record<string, string>> = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" };

/** `Mon–Fri 11:30–14:30`. */
export function hoursText(hours: readonly Hours[]): string {
  return hours.map(({ begins, ends, days = [] }) => `${daysText(days)}${begins}–${ends}`).join("; ");
}

function daysText(days: readonly string[]): string {
  if (days.length === 0 || days.length === DAYS.length) return "";
  const places = DAYS.map((day, place) => (days.includes(day) ? place : -1)).filter((place) => place >= 0);
  const [first = 0] = places;
  const row = places.length > 2 && places.every((place, step) => place === first + step);
  const named = places.map((place) => DAY_WORDS[DAYS[place] ?? ""]);
  return `${row ? `${named[0]}–${named.at(-1)}` : named.join(", ")} `;
}

/** `2026-12-01T00:00` → “1 Dec 2026, 00:00”, which is local time wherever it is read. */
export function localMoment(at: string): string {
  const when = new Date(`${at}Z`);
  if (Number.isNaN(when.getTime())) return at;
  return when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
}

export class Words {
  private readonly names: Map<number, string>;
  private readonly questions: Map<number, string>;
  private readonly venues: Map<string, string>;
  private readonly currency: string;

  /** Later menus name what earlier ones do not. */
  constructor(menus: BrandMenu[], venues: VenueMenu[]) {
    this.names = new Map(menus.flatMap(({ menu }) => menu.items.map((item) => [item.id, item.name] as const)));
    this.questions = new Map(menus.flatMap(({ menu }) => (menu.modifier_groups ?? []).map((group) => [group.id, group.name] as const)));
    this.venues = new Map(venues.map((venue) => [venue.venue_id, venue.name]));
    this.currency = menus.at(-1)?.menu.currency ?? "EUR";
  }

  item = (id: number): string => this.names.get(id) ?? `item ${id}`;

  venue = (venue_id: string): string => this.venues.get(venue_id) ?? "a venue that is not yours any more";

  /** What a difference is about. */
  title({ key, kind, before, after }: Pick<Difference, "key" | "kind" | "before" | "after">): string {
    const fields = after ?? before ?? {};
    if (kind === "order") return "Order";
    if (kind === "venue") return `${this.item(Number(fields["item"]))} at ${this.venue(String(fields["venue_id"]))}`;
    if (kind === "plan") {
      const where = fields["venue_id"] ? ` at ${this.venue(String(fields["venue_id"]))}` : "";
      return `${this.item(Number(fields["item"]))}${where} from ${localMoment(String(fields["at"]))}`;
    }
    return String(fields["name"] ?? key);
  }

  /** What the thing with this key is called, whatever happened to it. */
  named(key: string): string {
    const [, first = "", second = "", third = ""] = key.split("/");
    const kind = kindOf(key);
    if (kind === "item") return this.item(Number(first));
    if (kind === "question") return this.questions.get(Number(first)) ?? "a question";
    if (kind === "venue") return `${this.item(Number(second))} at ${this.venue(first)}`;
    return `${this.item(Number(first))}${second ? ` at ${this.venue(second)}` : ""} from ${localMoment(third)}`;
  }

  value(field: string, value: unknown): string {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
    if (field.endsWith("price_minor")) return this.money(value as number);
    if (field.endsWith("rate_bp")) return `${rateText(value as number)} %`;
    if (field === "hours") return hoursText(value as Hours[]);
    if (field === "slots") return (value as Slot[]).map((slot) => `${slot.name}: ${slot.choices.map((choice) => this.choice(choice)).join(" / ")}`).join("; ");
    if (field === "options") return (value as Option[]).map(({ name, price_minor = 0 }) => `${name}${price_minor ? ` +${this.money(price_minor)}` : ""}`).join(" / ");
    if (field === "modifier_groups" || field === "groups") return (value as number[]).map((id) => this.questions.get(id) ?? String(id)).join(", ");
    if (field === "items") return (value as number[]).map(this.item).join(", ");
    if (field === "picture") return `a picture, ${(value as Picture).width_px} × ${(value as Picture).height_px}`;
    if (field === "hidden") return value ? "yes" : "no";
    if (field === "at") return localMoment(String(value));
    return Array.isArray(value) ? value.join(", ") : String(value);
  }

  private money = (minor: number): string => formatMoney(minor, this.currency);

  private choice = ({ menu_item, price_minor = 0 }: Choice): string => `${this.item(menu_item)}${price_minor ? ` ${price_minor > 0 ? "+" : ""}${this.money(price_minor)}` : ""}`;
}

