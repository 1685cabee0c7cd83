/** Ordering at the table: pieces go on the bill, with or without internet. The order's id makes a repeat harmless. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7, type Joined, type ShopOrder } from "@holdfast/protocol";
import { ask, keep, recall, Refused } from "@holdfast/pages";
import type { Bench } from "@holdfast/pages/design/bench";
import { priceOf } from "@holdfast/pages/design/variants";

interface TableOrderingProps { bench: Bench; currency: string; me: Joined; toTable: string }

export function TableOrdering({ bench, currency, me, toTable }: TableOrderingProps): JSX.Element {
  const qty = useSignal(1);
  const busy = useSignal(false);
  const placed = useSignal<ShopOrder | null>(null);
  const trouble = useSignal<string | null>(null);
  const order = async (): Promise<void> => {
    busy.value = true;
    trouble.value = null;
    try {
      if (!(await bench.settle())) throw new Refused(409, "unsaved", bench.trouble.value ?? "This is not saved yet.");
      placed.value = await place(bench.design_id, qty.value, me);
    } catch (error) {
      trouble.value = error instanceof Refused ? error.message : "Nobody answers. Press again; it is ordered only once.";
    } finally {
      busy.value = false;
    }
  };
  if (placed.value) {
    return (
      <section class="order-bar" role="status">
        <span><strong>{placed.value.qty} × {placed.value.name}</strong> is on your table’s bill. It is made once the bill is paid.</span>
        <a class="button go push" href={toTable}>To the table</a>
      </section>
    );
  }
  const { product } = bench;
  return (
    <>
      <section class="order-bar" aria-label="Order">
        <button type="button" class="button small" aria-label="One less" disabled={qty.value <= 1} onClick={() => qty.value--}>−</button>
        <strong class="number" aria-live="polite">{qty.value}</strong>
        <button type="button" class="button small" aria-label="One more" disabled={qty.value >= 50} onClick={() => qty.value++}>+</button>
        <button type="button" class="button go push" disabled={busy.value} onClick={() => void order()}>
          {busy.value ? "Ordering…" : `Order · ${formatMoney(qty.value * priceOf(product, bench.looks.value.variant), currency)}`}
        </button>
      </section>
      {trouble.value && <p class="field-error" role="alert">{trouble.value}</p>}
    </>
  );
}

async function place(design_id: string, qty: number, me: Joined): Promise<ShopOrder> {
  const name = `shop.order.${design_id}.${qty}`;
  const order_id = recall<string>(name) ?? uuid7();
  keep(name, order_id);
  const body = { session_pid: me.session_pid, order_id, design_id, qty };
  return (await ask<ShopOrder>("POST", "/shop/orders", { token: me.ws_token, body })).body;
}
