/**
 * What a guest does about orders, and where on the page they are.
 *
 *     #new/{design_id}/…   #order/{order_id}   #history   #link/{token}
 *
 * Rule of the file: a request that makes something carries a `mid` that is kept until it was answered, so a tap that was
 * repeated after a lost answer makes one order. Counterpart: `cloud/shop/orders/ordering.py`, `checkout.py`, `history.py`.
 */
import { signal } from "@preact/signals";
import { ask, forget, keep, recall } from "@holdfast/pages";
import { guestKey } from "../guest_key";
import type { Address, Delivery, Order, Quote, Wanted } from "./shapes";

export interface Buyer {
  name: string;
  email: string;
  note: string;
  address: Address | null;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const placeOf = (hash: string): string[] => hash.replace(/^#/, "").split("/").map(decoded);

export class Counter {
  readonly venue_id = placeOf(location.pathname)[2] ?? "";
  readonly place = signal(placeOf(location.hash));

  constructor() {
    addEventListener("hashchange", () => (this.place.value = placeOf(location.hash)));
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await ask<T>(method, path, { token: guestKey(), timeout_ms: 20_000, ...(body === undefined ? {} : { body }) })).body;
  }

  delivery = (): Promise<Delivery> => this.ask("GET", `/shop/${this.venue_id}/delivery`);

  quote = (lines: Wanted[], country: string | null): Promise<Quote> =>
    this.ask("POST", `/shop/${this.venue_id}/quotes`, { lines, country });

  order = (order_id: string): Promise<Order> => this.ask("GET", `/orders/${order_id}`);

  /** The order, after the payment provider was asked. */
  look = (order_id: string): Promise<Order> => this.ask("POST", `/orders/${order_id}/look`);

  history = async (): Promise<Order[]> => (await this.ask<{ orders: Order[] }>("GET", `/shop/${this.venue_id}/history`)).orders;

  sendLink = (email: string): Promise<{ minutes: number }> => this.ask("POST", "/orders/history/link", { venue_id: this.venue_id, email });

  redeem = (token: string): Promise<{ email: string }> => this.ask("POST", "/orders/history/redeem", { venue_id: this.venue_id, token });

  /** A draft of these lines; the same again, changed or not, is a fresh one only when something in it changed. */
  async draft(lines: Wanted[], buyer: Buyer): Promise<Order> {
    const wanted = { venue_id: this.venue_id, lines, ...buyer };
    return await this.once(`draft ${JSON.stringify(wanted)}`, (mid) => this.ask<Order>("POST", "/orders", { ...wanted, mid }));
  }

  again = (order: Order): Promise<Order> =>
    this.once(`again ${order.order_id}`, (mid) => this.ask<Order>("POST", `/orders/${order.order_id}/reorder`, { mid }));

  /** Leave for the page on which to pay. */
  async pay(order_id: string): Promise<void> {
    const { url } = await this.ask<{ url: string }>("POST", `/orders/${order_id}/checkout`);
    location.assign(url);
  }

  /** `work` under a `mid` that stays the same for `what` until it was answered. */
  private async once<T>(what: string, work: (mid: string) => Promise<T>): Promise<T> {
    const begun = recall<{ what: string; mid: string }>("shop.begun");
    const mid = begun?.what === what ? begun.mid : crypto.randomUUID();
    keep("shop.begun", { what, mid });
    const answer = await work(mid);
    forget("shop.begun");
    return answer;
  }
}

export const go = (...place: string[]): void => void (location.hash = `#${place.map(encodeURIComponent).join("/")}`);
