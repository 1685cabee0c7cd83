/** What the cloud says about the shop to those who run it; `cloud/shop/fulfilment/desk.py` and `shipping.py` have the same shapes. */
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
  /** What each bulky piece costs more. */
  bulky_minor: number;
}

export interface Rules {
  collect: boolean;
  zones: Zone[];
  packaging_g: number;
  tax_rate_bp: number;
  sender: string;
}

export type Carriage = "parcel" | "bulky" | "collect";

export interface Choice { id: string; name: string; extra_minor?: number; extra_g?: number; swatch?: string }

export interface Option { id: string; name: string; choices: Choice[] }

/** A product as the configuration has it: what is not said is as most are. */
export interface Product {
  id: string;
  template: string;
  name: string;
  price_minor: number;
  tax_rate_bp?: number;
  weight_g?: number;
  words?: string;
  options?: Option[];
  sold_out?: string[];
  carriage?: Carriage;
  active?: boolean;
}

export interface Products {
  version: number;
  currency: string;
  products: Product[];
  published: Product[];
  changed_by: string;
  templates: { id: string; name: string }[];
}
