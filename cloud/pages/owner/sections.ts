/**
 * The rooms of the dashboard, one row each: what it is called, who may enter, and the module that draws it.
 *
 * Rule of the file: rows only. A new page is a folder with a module and a row in `SECTIONS`; a new page about one venue is
 * a row in `VENUE_TABS`. Modules are fetched when somebody first goes there, so no row makes the first paint slower.
 * Who may is decided by the cloud (`roles` of its routes); the row only spares people doors that would not open.
 */
import type { OwnerRole } from "@holdfast/protocol";
import type { IconName } from "./icon";
import { lazily } from "./lazily";
import type { SectionView, VenueView } from "./views";

export interface Section {
  key: string;
  words: string;
  icon: IconName;
  roles: readonly OwnerRole[];
  view: SectionView;
}

export interface VenueTab {
  key: string;
  words: string;
  roles: readonly OwnerRole[];
  view: VenueView;
}

const EVERYBODY: readonly OwnerRole[] = ["owner", "manager", "accountant", "support"];

/** The first four stand in a phone's bottom bar, the rest behind “More”. */
export const SECTIONS: readonly Section[] = [
  { key: "venues", words: "Venues", icon: "venues", roles: EVERYBODY, view: lazily(async () => (await import("./venues")).Venues) },
  { key: "reports", words: "Reports", icon: "reports", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./reports/reports")).Reports) },
  { key: "menu", words: "Menu", icon: "menu", roles: EVERYBODY, view: lazily(async () => (await import("./menu/menu")).MenuEditor) },
  { key: "shop", words: "Shop", icon: "shop", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./shop/shop")).Shop) },
  { key: "devices", words: "Devices", icon: "devices", roles: ["owner", "manager", "support"], view: lazily(async () => (await import("./devices/devices")).Devices) },
  { key: "money", words: "Money", icon: "money", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./money/money")).MoneyPage) },
  { key: "pair", words: "Pair a box", icon: "pair", roles: ["owner", "manager"], view: lazily(async () => (await import("./pairing/pairing")).Pairing) },
  { key: "alerts", words: "Alerts", icon: "alerts", roles: EVERYBODY, view: lazily(async () => (await import("./alerts/alerts")).Alerts) },
  { key: "exports", words: "Exports", icon: "exports", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./exports/exports")).Exports) },
  { key: "team", words: "Team", icon: "team", roles: ["owner"], view: lazily(async () => (await import("./team/team")).Team) },
  { key: "activity", words: "Activity", icon: "activity", roles: ["owner"], view: lazily(async () => (await import("./activity/activity")).Activity) },
  { key: "account", words: "Account", icon: "account", roles: EVERYBODY, view: lazily(async () => (await import("./account/account")).Account) },
];

export const VENUE_TABS: readonly VenueTab[] = [
  { key: "today", words: "Today", roles: EVERYBODY, view: lazily(async () => (await import("./venue_today")).VenueToday) },
  { key: "stations", words: "Stations", roles: EVERYBODY, view: lazily(async () => (await import("./stations/stations")).VenueStations) },
  { key: "bookings", words: "Bookings", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./bookings/bookings")).VenueBookings) },
  { key: "health", words: "Health", roles: ["owner", "manager", "support"], view: lazily(async () => (await import("./health/health")).VenueHealth) },
  { key: "commands", words: "Commands", roles: ["owner", "manager", "support"], view: lazily(async () => (await import("./afar/commands")).Commands) },
  { key: "reconciliation", words: "After an outage", roles: EVERYBODY, view: lazily(async () => (await import("./afar/reconciliation")).Reconciliation) },
  { key: "drills", words: "Drills", roles: EVERYBODY, view: lazily(async () => (await import("./afar/drills")).DrillReports) },
  { key: "payments", words: "Payments", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./cards/venue_payments")).VenuePayments) },
  { key: "cards", words: "Cards", roles: ["owner", "manager", "accountant"], view: lazily(async () => (await import("./cards/offline_cards")).VenueCards) },
  { key: "rules", words: "House rules", roles: EVERYBODY, view: lazily(async () => (await import("./rules/rules")).VenueRules) },
  { key: "staff", words: "Staff", roles: ["owner", "manager"], view: lazily(async () => (await import("./team/crew")).VenueCrew) },
];

export const allowed = <Row extends { roles: readonly OwnerRole[] }>(rows: readonly Row[], role: OwnerRole): Row[] =>
  rows.filter((row) => row.roles.includes(role));
