/**
 * How a table stands, in one word with a colour: the thing that a waiter looks for across the room. Pure.
 *
 * The most urgent thing counts: food that gets cold before a cart that fills, a cart before a bill.
 */
import type { StaffOrder, StaffTable } from "@holdfast/protocol";

export type Standing = "free" | "seated" | "ordering" | "waiting" | "ready" | "to_pay" | "paid" | "trouble";

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  free: "Free",
  seated: "Seated",
  ordering: "Choosing",
  waiting: "Kitchen",
  ready: "Ready to serve",
  to_pay: "To pay",
  paid: "Paid",
  trouble: "Needs you",
};

/** What wants somebody first. */
export const URGENCY: readonly Standing[] = ["trouble", "ready", "to_pay", "waiting", "ordering", "seated", "paid", "free"];

export function standingOf(table: StaffTable, orders: Iterable<StaffOrder>): Standing {
  if (table.session_pid === null) return "free";
  const own = [...orders].filter((order) => order.session_pid === table.session_pid);
  if (table.refused > 0) return "trouble";
  if (own.some((order) => order.status === "ready")) return "ready";
  if (table.orders > 0) return "waiting";
  if (table.cart_lines > 0) return "ordering";
  if (table.due_minor > 0) return "to_pay";
  return table.total_minor > 0 ? "paid" : "seated";
}

/** What the table comes to: what is owed, or what is about to be ordered. */
export function worthOf(table: StaffTable): { words: string; minor: number } | null {
  if (table.due_minor > 0) return { words: "due", minor: table.due_minor };
  if (table.cart_minor > 0) return { words: "in the cart", minor: table.cart_minor };
  return table.total_minor > 0 ? { words: "paid", minor: table.paid_minor } : null;
}
