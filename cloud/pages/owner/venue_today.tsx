/** A venue's day so far: by the hour, and every order live. */
import type { JSX } from "preact";
import { formatMoney, type OwnerOrder } from "@holdfast/protocol";
import { Badge, clockTime, Empty, Waiting, type Tone } from "@holdfast/pages";
import { byHour, type Hour } from "./figures";
import type { VenueProps } from "./views";

export function VenueToday({ fleet, now_ms }: VenueProps): JSX.Element {
  const orders = fleet.orders.value;
  if (orders === null) return <Waiting words="Fetching today's orders…" />;
  if (orders.length === 0) return <Empty title="No orders today"><p>The first one appears here by itself.</p></Empty>;
  return (
    <>
      <h2>By the hour</h2>
      <Hours hours={byHour(orders, now_ms)} />
      <h2>Orders</h2>
      <ul class="orders">{orders.map((order) => <Order key={order.order_id} order={order} />)}</ul>
    </>
  );
}

const HEIGHT = 96;
const STEP = 36;

function Hours({ hours }: { hours: Hour[] }): JSX.Element {
  const most = Math.max(1, ...hours.map((hour) => hour.orders));
  const label = hours.map(({ hour, orders }) => `${hour}:00 ${orders}`).join(", ");
  return (
    <div class="hours">
      <svg viewBox={`0 0 ${hours.length * STEP} ${HEIGHT + 40}`} width={hours.length * STEP} height={HEIGHT + 40} role="img" aria-label={`Orders by hour: ${label}`}>
        {hours.map(({ hour, orders }, place) => {
          const height = (orders / most) * HEIGHT;
          const middle = place * STEP + STEP / 2;
          return (
            <g key={hour}>
              <rect x={place * STEP + 4} y={18 + HEIGHT - height} width={STEP - 8} height={Math.max(height, 2)} rx="5" />
              {orders > 0 && <text x={middle} y={12 + HEIGHT - height} class="hours-count">{orders}</text>}
              <text x={middle} y={HEIGHT + 36}>{hour}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  processing: "calm", confirmed: "good", failed: "bad", rejected: "bad", abandoned: "bad",
};

function Order({ order }: { order: OwnerOrder }): JSX.Element {
  return (
    <li>
      <details class="order">
        <summary>
          <span class="order-time number">{clockTime(order.placed_at)}</span>
          <span class="order-table">{order.table}</span>
          <span class="order-tickets">
            {order.tickets.map((ticket) => <Badge key={`${ticket.ticket}@${ticket.station}`}>{ticket.ticket} {ticket.state}</Badge>)}
            {order.tickets.length === 0 && <Badge tone={TONES[order.status] ?? "calm"}>{order.status}</Badge>}
          </span>
          <strong class="order-total number">{formatMoney(order.total_minor, order.currency)}</strong>
        </summary>
        <ul class="order-lines">
          {order.lines.map((line, place) => (
            <li key={place}>
              <span class="number">{line.qty}×</span>
              <span>{line.name}</span>
              <span class="number">{formatMoney(line.qty * line.price_minor, order.currency)}</span>
            </li>
          ))}
        </ul>
        <p class="soft">{order.order_id} · {order.status}</p>
      </details>
    </li>
  );
}
