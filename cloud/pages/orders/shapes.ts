/** What the cloud says about orders; `cloud/shop/orders/messages.py` has the same shapes. */

export interface Address {
  street: string;
  more: string;
  postal_code: string;
  city: string;
  region: string;
  country: string;
}

export interface Wanted {
  design_id: string;
  quantity: number;
}

export interface Quote {
  currency: string;
  items_minor: number;
  shipping_minor: number;
  tax_minor: number;
  total_minor: number;
}

export interface OrderLine {
  line: number;
  design_id: string;
  name: string;
  quantity: number;
  gross_minor: number;
}

export type OrderStatus = "draft" | "abandoned" | "paid" | "in_production" | "shipped" | "delivered" | "cancelled";

export interface Order extends Quote {
  order_id: string;
  venue_id: string;
  venue: string;
  number: number;
  source: "web" | "table";
  status: OrderStatus;
  payment_status: string;
  name: string;
  email: string | null;
  note: string;
  address: Address | null;
  lines: OrderLine[];
  refunded_minor: number;
  original_order_id: string | null;
  parcel: { carrier: string; tracking_number: string } | null;
  created_at: string;
  paid_at: string | null;
  shipped_at: string | null;
  delivered_at: string | null;
  cancelled_at: string | null;
}

export interface Destination {
  name: string;
  countries: string[];
  takes: string;
}

export interface Delivery {
  venue: string;
  currency: string;
  collect: boolean;
  destinations: Destination[];
}
