/**
 * Shapes of the owner's API, which the cloud serves to its own page and to nobody else.
 *
 * Written by hand; counterpart: `cloud/owners/`. What the box says is generated into `messages/`.
 */
import type { TicketState } from "./messages";

export type LinkState = "live" | "catching_up" | "down";

export interface VenueRow {
  venue_id: string;
  name: string;
  link: LinkState;
  last_sync_age_s: number | null;
  /** Null when nobody can know: the link is down. */
  unsynced: number | null;
  orders_today: number;
  revenue_today_minor: number;
  currency: string;
  open_tables: number;
  clock_trusted: boolean | null;
  quarantined: number;
  trouble: string | null;
  /** Stations on which somebody plays, or has paused. */
  stations_in_use: number;
  /** Of the box in charge; a new box gets the next one. */
  epoch: number;
  /** Facts of boxes that were replaced, and what the orders among them come to. */
  orphans: number;
  orphans_value_minor: number;
  /** What the orders among the unsynced come to, as the box said when it was heard of last; null where it never said. */
  unsynced_minor: number | null;
  heard_age_s: number | null;
}

/** One thing of a venue as its box told it `age_s` ago; it had been so for `since_s` by now. */
export interface Thing {
  thing: string;
  kind: string;
  name: string;
  state: string;
  figures: Readonly<Record<string, number>>;
  words: string;
  age_s: number;
  since_s: number;
}

export interface ReplacementCode {
  code: string;
  hours: number;
  epoch: number;
}

/** The box behind a code that somebody typed in. */
export interface BoxSeen {
  name: string;
  tables: number;
  dishes: number;
  facts: number;
  release: string;
  fingerprint: string;
  address: string;
  expires_s: number;
}

export interface BoxPaired {
  venue_id: string;
  venue_name: string;
  replaces: boolean;
}

export interface OwnerOrder {
  order_id: string;
  table: string;
  status: string;
  total_minor: number;
  currency: string;
  placed_at: string;
  lines: { name: string; qty: number; price_minor: number }[];
  tickets: { ticket: string; station: string; state: TicketState }[];
}

/** What a person may do; the cloud's routes say which of them may call. */
export type OwnerRole = "owner" | "manager" | "accountant" | "support";

export interface OwnerAccount {
  email: string;
  role: OwnerRole;
  csrf: string;
  /** Ids of the brands and venues that the role is bound to; null for the whole organisation. */
  reach: string[] | null;
}

/** What may have changed on another page; whoever shows it asks again. */
export type OwnerNews = "exports" | "alerts" | "mails";

export type OwnerMessage =
  | ({ type: "venue" } & VenueRow)
  | ({ type: "order"; venue_id: string } & OwnerOrder)
  | { type: "news"; about: OwnerNews }
  | { type: "facts"; venue_id: string }
  | { type: "health"; venue_id: string };
