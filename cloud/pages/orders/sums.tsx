/** What it costs, line by line. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import type { Quote } from "./shapes";

export function Sums({ price, ships, refunded_minor = 0 }: { price: Quote; ships: boolean; refunded_minor?: number }): JSX.Element {
  const money = (minor: number): string => formatMoney(minor, price.currency);
  return (
    <dl class="sums number">
      <div><dt>Things</dt><dd>{money(price.items_minor)}</dd></div>
      {ships && <div><dt>Shipping</dt><dd>{price.shipping_minor === 0 ? "free" : money(price.shipping_minor)}</dd></div>}
      <div class="sums-total"><dt>Total</dt><dd>{money(price.total_minor)}</dd></div>
      <div class="soft"><dt>of that tax</dt><dd>{money(price.tax_minor)}</dd></div>
      {refunded_minor > 0 && <div><dt>Given back</dt><dd>{money(-refunded_minor)}</dd></div>}
    </dl>
  );
}
