/** The orders that this phone has placed, newest first, as the kitchen goes on with them. */
import type { JSX } from "preact";
import { OrderCard } from "@holdfast/pages/menu/order";
import type { FarGuest } from "./guest";
import type { Followed } from "./sending";

export function Orders({ guest }: { guest: FarGuest }): JSX.Element {
  return (
    <div class="stack">
      <h2>Orders</h2>
      {guest.place.value?.reached === false && <p class="reach" data-tone="warn" role="status">The venue has no internet at the moment. How far the kitchen is shows again when it is back.</p>}
      <ul class="orders" aria-live="polite">{guest.orders.value.map((order) => <FollowedOrder key={order.told.order.order_id} order={order} guest={guest} />)}</ul>
    </div>
  );
}

function FollowedOrder({ order, guest }: { order: Followed; guest: FarGuest }): JSX.Element {
  const { told } = order;
  const me = guest.seat.value?.member_pid;
  const some = told.partly && told.order.status !== "rejected";
  return (
    <OrderCard order={told.order} refused={new Set(told.refused)} nameOf={(member) => (member === me ? "you" : "your table")}>
      {some && <p class="far-note" role="alert">The kitchen cannot make all of it. Please ask the staff, also about the bill.</p>}
      {told.order.status === "failed" && (
        <div class="far-note" role="alert">
          <p>{told.failure ?? "The venue's till did not take it."} Nothing is cooked.</p>
          <button type="button" class="button" disabled={!guest.isOver} onClick={() => guest.again(order)}>Order it again</button>
        </div>
      )}
    </OrderCard>
  );
}
