/** Shapes of what travels between pages and services (contract.md: Guests, Kitchen, Staff; the owner's API). */

// ── Guests ──────────────────────────────────────────────────────────────────────────────────────
export interface Joined {
  session_pid: string;
  member_pid: string;
  ws_token: string;
  host: boolean;
  name: string;
  table_name: string;
  venue_name: string;
}

export interface MenuOption {
  id: number;
  name: string;
  price_minor: number;
}

export interface ModifierGroup {
  id: number;
  name: string;
  options: MenuOption[];
  least: number;
  most: number;
}

export interface MenuItem {
  id: number;
  name: string;
  category: string;
  price_minor: number;
  description: string;
  station: string;
  allergens: string[];
  modifier_groups: number[];
  sold_out: boolean;
}

export interface Menu {
  menu_version: number;
  currency: string;
  venue_name: string;
  categories: string[];
  items: MenuItem[];
  modifier_groups: ModifierGroup[];
}

export interface CartItem {
  id: number;
  menu_item: number;
  name: string;
  qty: number;
  version: number;
  member: string;
  price_minor: number;
  note: string;
  modifiers: number[];
  state: string;
  menu_version: number;
}

export interface Member {
  member_pid: string;
  name: string;
  host: boolean;
}

export interface OrderedLine {
  id: number;
  menu_item: number;
  name: string;
  qty: number;
  price_minor: number;
  member: string;
  note: string;
  modifiers: string[];
}

export interface PlacedOrder {
  order_id: string;
  ticket: string | null;
  status: string;
  total_minor: number;
  currency: string;
  placed_at: string;
  member: string;
  special_instructions: string;
  items: OrderedLine[];
}

export type OrderProcessing = "idle" | "processing" | "confirmed" | "failed";

export interface CartSnapshot {
  items: CartItem[];
  members: Member[];
  orders: PlacedOrder[];
  cart_version: number;
  cart_hash: string;
  total: number;
  total_minor: number;
  currency: string;
  pass_validated: boolean;
  cart_locked: boolean;
  locked_by_member: string | null;
  pending_order_id: string | null;
  order_processing_status: OrderProcessing;
  last_updated: string;
  menu_version: number;
  table_name: string;
  venue_name: string;
}

export type CartMutate =
  | { type: "cart_mutate"; op: "create"; tmpId: string; menu_item: number; qty: number; note: string; modifiers: number[]; mid: string }
  | { type: "cart_mutate"; op: "update"; id: number; version: number; qty: number; mid: string }
  | { type: "cart_mutate"; op: "delete"; id: number; version: number; mid: string };

export interface CartUpdate {
  type: "cart_update";
  op: "create" | "update" | "delete";
  item: CartItem;
  tmpId: string | null;
  cart_version: number;
  mid: string | null;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  mid: string | null;
  item?: CartItem;
  retry_after_s?: number;
}

export type TableMessage =
  | CartUpdate
  | ErrorMessage
  | { type: "pong" }
  | { type: "member_joined"; member: Member }
  | { type: "pass_validated"; member_pid: string }
  | { type: "table_closed"; reason: string }
  | { type: "menu_changed"; menu_version: number }
  | { type: "cart_locked"; locked_by_member: string; order_id: string; message: string; timestamp: string }
  | { type: "cart_unlocked"; order_id: string; reason: string }
  | { type: "order_processing"; order_id: string; message: string }
  | { type: "order_confirmed"; order_id: string; ticket: string; message: string }
  | { type: "order_failed"; order_id: string; error: string; message: string; allow_retry: boolean }
  | { type: "order_fired"; order: { id: string; ticket: string; items: OrderedLine[] } }
  | { type: "order_status"; order_id: string; status: string };

export interface OrderReply {
  order_id: string;
  ticket?: string;
  status?: string;
}

// ── Kitchen ─────────────────────────────────────────────────────────────────────────────────────
export type TicketState =
  | "fired" | "received" | "accepted" | "preparing" | "ready" | "served" | "recalled" | "rejected";

export interface KitchenTicket {
  ticket: string;
  order_id: string;
  table: string;
  items: OrderedLine[];
  placed_at: string;
  state: TicketState;
  station: string;
  seq: number;
}

export interface KitchenAck {
  type: "ack";
  ticket: string;
  station: string;
  state: TicketState;
  mid: string;
}

export type KitchenMessage =
  | { type: "snapshot"; stations: string[]; tickets: KitchenTicket[] }
  | ({ type: "ticket" } & KitchenTicket)
  | { type: "pong" }
  | ErrorMessage;

// ── Owners ──────────────────────────────────────────────────────────────────────────────────────
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

export interface OwnerAccount {
  email: string;
  role: string;
  csrf: string;
}

export type OwnerMessage = ({ type: "venue" } & VenueRow) | ({ type: "order"; venue_id: string } & OwnerOrder);
