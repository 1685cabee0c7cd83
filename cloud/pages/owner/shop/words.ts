/** What states of orders are called before those who run the shop. Pure. */
import type { Tone } from "@holdfast/pages";
import type { OrderStatus } from "../../orders/shapes";

export interface Filter {
  key: string;
  words: string;
  query: string;
  /** Which counts of `waiting` stand beside it. */
  counts: string[];
}

export const FILTERS: readonly Filter[] = [
  { key: "todo", words: "To do", query: "status=paid,in_production", counts: ["paid", "in_production"] },
  { key: "away", words: "On its way", query: "status=shipped", counts: ["shipped"] },
  { key: "look", words: "Needs a look", query: "payment=mismatch", counts: ["mismatch"] },
  { key: "unpaid", words: "Unpaid", query: "status=draft,abandoned", counts: [] },
  { key: "all", words: "All", query: "", counts: [] },
];

export const STATUS: Readonly<Record<OrderStatus, { words: string; tone: Tone }>> = {
  draft: { words: "not paid", tone: "calm" },
  abandoned: { words: "given up", tone: "calm" },
  paid: { words: "paid, to make", tone: "warn" },
  in_production: { words: "being made", tone: "warn" },
  shipped: { words: "on its way", tone: "good" },
  delivered: { words: "delivered", tone: "good" },
  cancelled: { words: "cancelled", tone: "bad" },
};

export function statusOf(status: OrderStatus, payment_status: string, collects: boolean): { words: string; tone: Tone } {
  if (payment_status === "mismatch") return { words: "payment needs a look", tone: "bad" };
  if (payment_status === "refunded" && status !== "cancelled") return { words: `${STATUS[status].words}, refunded`, tone: "bad" };
  if (collects && status === "shipped") return { words: "waits to be collected", tone: "good" };
  if (collects && status === "delivered") return { words: "collected", tone: "good" };
  return STATUS[status];
}

/** What the button says that takes an order there. */
export function stepWords(to: OrderStatus, collects: boolean): string {
  switch (to) {
    case "in_production":
      return "Start making it";
    case "shipped":
      return collects ? "Ready to collect" : "Mark as shipped";
    case "delivered":
      return collects ? "Was collected" : "Mark as delivered";
    case "cancelled":
      return "Cancel the order";
    default:
      return to;
  }
}

const ACTIONS: Readonly<Record<string, string>> = {
  in_production: "started making it",
  shipped: "shipped it",
  delivered: "marked it delivered",
  cancelled: "cancelled it",
  refund: "gave money back",
};

export const actionWords = (action: string): string => ACTIONS[action] ?? action;
