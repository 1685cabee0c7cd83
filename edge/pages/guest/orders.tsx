/** The table's orders, newest first, and the way to its bill. */
import type { JSX } from "preact";
import { Empty } from "@holdfast/pages";
import { OrderCard } from "@holdfast/pages/menu/order";
import { BillCard } from "./bill";
import type { Table } from "./table";

export function OrderList({ table, onBill }: { table: Table; onBill: () => void }): JSX.Element {
  const orders = [...table.orders.value].reverse();
  if (orders.length === 0) return <Empty title="No orders yet" />;
  return (
    <div class="stack">
      <h2>Orders</h2>
      <ul class="orders">{orders.map((order) => <OrderCard key={order.order_id} order={order} nameOf={table.nameOf} />)}</ul>
      <BillCard table={table} onOpen={onBill} />
    </div>
  );
}
