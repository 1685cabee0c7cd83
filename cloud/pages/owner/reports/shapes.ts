/** A report as the cloud tells it. Written by hand; counterpart: `cloud/owners/sight/reporting.py`. */
export interface Sales { currency: string; bucket: string; orders: number; total_minor: number }
export interface ItemSales { currency: string; menu_item: number; name: string; qty: number; total_minor: number }
export interface StaffSales { currency: string; person: string | null; payments: number; amount_minor: number; tip_minor: number; refunded_minor: number }
export interface Use { weekday: number; hour: number; minutes: number }
export interface Utilisation { places: number; use: Use[] }
export interface Outage {
  venue_id: string;
  venue: string;
  began_at: string;
  ended_at: string | null;
  seconds: number;
  orders: number;
  total_minor: number;
  currency: string;
}

/** What only replaced boxes knew of; in no other figure. */
export interface LeftBehind { currency: string; kind: "order" | "payment" | "pay_in"; decision: "open" | "noted" | "accepted" | "written_off"; count: number; total_minor: number }

export interface Report {
  by_hour: Sales[];
  by_day: Sales[];
  by_item: ItemSales[];
  by_staff: StaffSales[];
  stations: Utilisation;
  tables: Utilisation;
  outages: Outage[];
  left_behind: LeftBehind[];
}
