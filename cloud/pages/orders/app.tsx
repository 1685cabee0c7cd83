/** The guest's page of orders: which of its views the address names. */
import type { JSX } from "preact";
import { Empty } from "@holdfast/pages";
import type { Counter } from "./counter";
import { Form } from "./form";
import { History } from "./history";
import { LetIn } from "./let_in";
import { OrderView } from "./order";

export function App({ counter }: { counter: Counter }): JSX.Element {
  const [view = "", ...more] = counter.place.value;
  return (
    <div class="orders">
      <header class="orders-head">
        <a class="orders-home" href={`/shop/${counter.venue_id}`}>Shop</a>
        <a class="orders-home" href="#history" aria-current={view === "history" ? "page" : undefined}>Your orders</a>
      </header>
      <main class="orders-main" key={counter.place.value.join("/")}>{viewOf(counter, view, more)}</main>
    </div>
  );
}

function viewOf(counter: Counter, view: string, more: string[]): JSX.Element {
  if (view === "new" && more[0]) return <Form counter={counter} designs={more} />;
  if (view === "order" && more[0]) return <OrderView counter={counter} order_id={more[0]} />;
  if (view === "link" && more[0]) return <LetIn counter={counter} token={more[0]} />;
  if (view === "history" || view === "") return <History counter={counter} />;
  return <Empty title="There is nothing here"><p><a href="#history">See your orders</a></p></Empty>;
}
