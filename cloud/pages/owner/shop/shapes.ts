/** What the cloud says about the shop to those who run it; `cloud/shop/fulfilment.py` and `shipping.py` have the same shapes. */
import type { Order, OrderStatus } from "../../orders/shapes";

export interface Listed {
  order_id: string;
  venue: string;
  number: number;
  source: "web" | "table";
  name: string;
  collects: boolean;
  status: OrderStatus;
  payment_status: string;
  currency: string;
  total_minor: number;
  refunded_minor: number;
  what: string;
  created_at: string;
}

export interface OrderList {
  orders: Listed[];
  next: string | null;
  waiting: Readonly<Record<string, number>>;
}

export interface Action {
  action_id: string;
  at: string;
  actor: string;
  action: string;
  before: string;
  after: string;
  note: string;
}

export interface Refund {
  refund_id: string;
  amount_minor: number;
  reason: string;
  by: string;
  status: string;
  requested_at: string;
}

export interface StaffOrder {
  order: Order;
  version: number;
  choices: OrderStatus[];
  actions: Action[];
  refunds: Refund[];
  refundable_minor: number;
}

export interface Zone {
  name: string;
  countries: string[];
  steps: { up_to_g: number; price_minor: number }[];
  free_from_minor: number | null;
  takes: string;
}

export interface Rules {
  collect: boolean;
  zones: Zone[];
  packaging_g: number;
  tax_rate_bp: number;
  sender: string;
}
