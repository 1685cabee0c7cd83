/** Small things that the tests of the pages are made of. */
import type { CartItem, CartSnapshot, CartUpdate, Joined, OrderFailed, KitchenTicket, Menu, MenuItem, TicketState } from "@holdfast/protocol";

export const HOST = "m-host";
export const MEMBER = "m-member";

export const JOINED: Joined = {
  session_pid: "s-1", member_pid: HOST, ws_token: "token", host: true, name: "Chinu", table_name: "T1", venue_name: "Venue",
};

/** What a dish is that is always served, is no combo, and costs the same wherever it is eaten. */
export function plain(price_minor: number): Pick<MenuItem, "takeaway_price_minor" | "hours" | "available" | "slots" | "picture"> {
  return { takeaway_price_minor: price_minor, hours: "", available: true, slots: [], picture: null };
}

export const MENU: Menu = {
  menu_version: 1, currency: "EUR", venue_name: "Venue", categories: ["Food"],
  items: [
    { id: 17, name: "Soup", category: "Food", price_minor: 500, description: "", station: "kitchen", allergens: [], modifier_groups: [], sold_out: false, ...plain(500) },
    { id: 18, name: "Burger", category: "Food", price_minor: 1200, description: "", station: "kitchen", allergens: [], modifier_groups: [1], sold_out: false, ...plain(1200) },
  ],
  modifier_groups: [{ id: 1, name: "Side", least: 0, most: 2, options: [{ id: 7, name: "Fries", price_minor: 300 }] }],
  takeaway: true, shop: false,
};

export const FAILURE: OrderFailed = {
  type: "order_failed", order_id: "ORD-7-1", error: "POS system unavailable", message: "Order failed. Please try again.",
  allow_retry: true, code: "pos_unavailable", retry_after_s: null,
};

export function item(changes: Partial<CartItem> = {}): CartItem {
  return {
    id: 100, menu_item: 17, name: "Soup", qty: 1, version: 1, member: HOST, price_minor: 500, note: "", modifiers: [],
    state: "pending", menu_version: 1, takeaway: false, choices: [], ...changes,
  };
}

export function update(op: CartUpdate["op"], cart_version: number, changed: CartItem, mid: string | null = null): CartUpdate {
  return { type: "cart_update", op, item: changed, tmpId: null, cart_version, mid };
}

export function snapshot(changes: Partial<CartSnapshot> = {}): CartSnapshot {
  return {
    items: [], members: [{ member_pid: HOST, name: "Chinu", host: true }, { member_pid: MEMBER, name: "Anshu", host: false }],
    orders: [], cart_version: 0, cart_hash: "", total: 0, total_minor: 0, currency: "EUR", pass_validated: true,
    cart_locked: false, locked_by_member: null, pending_order_id: null, order_processing_status: "idle",
    order_processing_message: null, order_failure: null, location_policy: "off",
    last_updated: "2026-01-01T12:00:00.000Z", menu_version: 1, table_name: "T1", venue_name: "Venue", recalled: [], ...changes,
  };
}

export function ticket(name: string, state: TicketState, seq: number): KitchenTicket {
  return {
    ticket: name, order_id: `ORD-7-${seq}`, table: "T1", station: "kitchen", placed_at: "2026-01-01T12:00:00.000Z", state, seq, special_instructions: "", done: [], course: "", epoch: 1,
    items: [{ id: seq, menu_item: 17, name: "Soup", qty: seq, price_minor: 500, member: HOST, note: "", modifiers: [], takeaway: false, of: "", parts: [] }],
  };
}
