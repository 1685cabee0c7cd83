/** Shapes of what travels between pages and services (contract.md: Guests, Kitchen, Staff; the owner's API). */

// ── Guests ──────────────────────────────────────────────────────────────────────────────────────
export interface Joined {
  session_pid: string;
  member_pid: string;
  ws_token: string;
  host: boolean;
}

export interface MenuOption {
  id: number;
  name: string;
  price_minor?: number;
}

export interface ModifierGroup {
  id: number;
  name: string;
  options: MenuOption[];
  least?: number;
  most?: number;
}

export interface MenuItem {
  id: number;
  name: string;
  category: string;
  price_minor: number;
  description?: string;
  allergens?: string[];
  modifier_groups?: number[];
  sold_out?: boolean;
}

export interface Menu {
  menu_version: number;
  currency: string;
  categories: string[];
  items: MenuItem[];
  modifier_groups?: ModifierGroup[];
  venue?: string;
}

export interface CartItem {
  id: number;
  menu_item: number;
  name?: string;
  qty: number;
  version: number;
  member: string;
  price_minor: number;
  note?: string;
  modifiers?: number[];
}

export interface Member {
  member_pid: string;
  name: string;
  host?: boolean;
}

export interface OrderedLine {
  id: number;
  menu_item: number;
  name: string;
  qty: number;
  price_minor?: number;
  member?: string;
  note?: string;
}

export interface PlacedOrder {
  order_id: string;
  status: string;
  ticket?: string | null;
  items?: OrderedLine[];
  total_minor?: number;
  placed_at?: string;
}

export type OrderProcessing = "idle" | "processing" | "confirmed" | "failed";

export interface CartSnapshot {
  items: CartItem[];
  members: Member[];
  orders: PlacedOrder[];
  cart_version: number;
  total: number;
  total_minor?: number;
  cart_locked: boolean;
  locked_by_member: string | null;
  pending_order_id: string | null;
  order_processing_status: OrderProcessing;
  last_updated: string;
  cart_hash?: string;
  table?: string;
}

export type CartMutate =
  | { type: "cart_mutate"; op: "create"; tmpId: string; menu_item: number; qty: number; note: string; modifiers: number[]; mid: string }
  | { type: "cart_mutate"; op: "update"; id: number; version: number; qty: number; mid: string }
  | { type: "cart_mutate"; op: "delete"; id: number; version: number; mid: string };

export interface CartUpdate {
  type: "cart_update";
  op: "create" | "update" | "delete";
  item: CartItem;
  tmpId?: string | null;
  cart_version: number;
  mid?: string;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  mid?: string | null;
  item?: CartItem;
  retry_after_s?: number;
}

export type TableMessage =
  | CartUpdate
  | ErrorMessage
  | { type: "cart_locked"; locked_by_member: string; order_id: string; message?: string }
  | { type: "cart_unlocked" }
  | { type: "order_processing"; order_id: string }
  | { type: "order_confirmed"; order_id: string; ticket?: string | null }
  | { type: "order_failed"; order_id: string; error?: string; message: string; allow_retry: boolean }
  | { type: "order_fired"; order: { id: string; ticket: string; items: OrderedLine[] } }
  | { type: "order_status"; order_id: string; status: string };

export interface PlacedAnswer {
  order_id: string;
  ticket?: string | null;
  status?: string;
}

// ── Kitchen ─────────────────────────────────────────────────────────────────────────────────────
export type TicketState =
  | "fired" | "received" | "accepted" | "preparing" | "ready" | "served" | "recalled" | "rejected";

export interface TicketItem {
  id: number;
  menu_item: number;
  name: string;
  qty: number;
  note?: string;
  modifiers?: string[];
}

export interface KitchenTicket {
  ticket: string;
  order_id: string;
  table: string;
  items: TicketItem[];
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
  | { type: "snapshot"; stations: KitchenStation[]; tickets: KitchenTicket[] }
  | ({ type: "ticket" } & KitchenTicket)
  | ErrorMessage;

export type KitchenStation = string | { id: string; name: string };

// ── Owners ──────────────────────────────────────────────────────────────────────────────────────
export type LinkState = "live" | "catching_up" | "down";

export interface VenueRow {
  venue_id: string;
  name: string;
  link: LinkState;
  last_sync_age_s: number | null;
  unsynced: number;
  orders_today: number;
  revenue_today_minor: number;
  currency: string;
  open_tables: number;
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
  name?: string;
  csrf?: string;
}

export type OwnerMessage = ({ type: "venue" } & VenueRow) | ({ type: "order"; venue_id: string } & OwnerOrder);
