/** Orders of the venues' shops: what waits for somebody, and everything else behind filters and a search. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, Empty, LastWord, useLastWord, Waiting } from "@holdfast/pages";
import { shortNumber } from "../../orders/words";
import type { Fleet } from "../fleet";
import { Card, moment, Page } from "../page";
import { addressOf } from "../place";
import { problemOf, Trouble } from "../states";
import type { SectionProps } from "../views";
import { OrderPage } from "./order";
import type { Listed, OrderList } from "./shapes";
import { ProductsPage } from "./products";
import { Shipping } from "./shipping";
import { FILTERS, statusOf, type Filter } from "./words";
import "./shop.css";

const AGAIN_MS = 15_000;

export function Shop(props: SectionProps): JSX.Element {
  const [view, id, more] = props.place.more;
  if (view === "order" && id) return <OrderPage key={id} fleet={props.fleet} order_id={id} />;
  if (view === "products") return <ProductsPage fleet={props.fleet} venue_id={id ?? ""} product={more ?? null} />;
  if (view === "shipping") return <Shipping fleet={props.fleet} venue_id={id ?? ""} />;
  return <Orders fleet={props.fleet} filter={FILTERS.find((each) => each.key === view) ?? FILTERS[0]!} />;
}

function Orders({ fleet, filter }: { fleet: Fleet; filter: Filter }): JSX.Element {
  const typed = useSignal("");
  const [words, setWords] = useState("");
  const found = useOrders(fleet, [filter.query, words && `q=${encodeURIComponent(words)}`].filter(Boolean).join("&"));
  useEffect(() => {
    const soon = setTimeout(() => setWords(typed.value.trim()), 300);
    return () => clearTimeout(soon);
  }, [typed.value]);
  return (
    <Page wide title="Shop" about="What guests designed and ordered." actions={<><a class="button small" href={addressOf("shop", "products")}>Products</a><a class="button small" href={addressOf("shop", "shipping")}>Shipping</a></>}>
      <div class="shop-tools">
        <nav class="segments" aria-label="Which orders">
          {FILTERS.map((each) => <a key={each.key} class="segment" href={addressOf("shop", each.key)} aria-current={each.key === filter.key ? "true" : undefined}>{each.words}<Count of={each} waiting={found.waiting} /></a>)}
        </nav>
        <input class="input shop-search" type="search" aria-label="Find an order" placeholder="Number, name or e-mail" maxLength={80} value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} />
      </div>
      {found.problem && <Trouble words={found.problem} onAgain={found.again} />}
      {found.orders === null && !found.problem && <Waiting words="Fetching orders…" />}
      {found.orders?.length === 0 && <Nothing filter={filter} searched={words !== ""} />}
      {found.orders !== null && found.orders.length > 0 && (
        <Card>
          <ul class="rows">{found.orders.map((order) => <Row key={order.order_id} order={order} venues={fleet.sorted.value.length} />)}</ul>
          {found.next && <button type="button" class="button wide" disabled={found.busy} onClick={found.more}>Show earlier ones</button>}
        </Card>
      )}
    </Page>
  );
}

function Count({ of, waiting }: { of: Filter; waiting: Readonly<Record<string, number>> }): JSX.Element | null {
  const sum = of.counts.reduce((total, key) => total + (waiting[key] ?? 0), 0);
  return sum > 0 ? <span class="shop-count number">{sum}</span> : null;
}

function Nothing({ filter, searched }: { filter: Filter; searched: boolean }): JSX.Element {
  if (searched) return <Empty title="Nothing found"><p>No order of this list has these letters in its number, name or e-mail.</p></Empty>;
  if (filter.key === "todo") return <Empty title="Nothing to do"><p>Orders appear here as soon as they are paid.</p></Empty>;
  return <Empty title="No orders here"><p>Guests order at their venue's shop page, or at the table.</p></Empty>;
}

function Row({ order, venues }: { order: Listed; venues: number }): JSX.Element {
  const state = statusOf(order.status, order.payment_status, order.collects);
  return (
    <li>
      <a class="shop-row" href={addressOf("shop", "order", order.order_id)}>
        <span class="row-words">
          <strong>{order.what || "Nothing"}</strong>
          <span class="soft">{[shortNumber(order.number), order.name, venues > 1 ? order.venue : "", order.source === "table" ? "from a table" : "", moment(order.created_at)].filter(Boolean).join(" · ")}</span>
        </span>
        <Badge tone={state.tone}>{state.words}</Badge>
        <span class="number shop-total">{formatMoney(order.total_minor, order.currency)}</span>
      </a>
    </li>
  );
}

interface Found {
  orders: Listed[] | null;
  next: string | null;
  waiting: Readonly<Record<string, number>>;
  problem: string | null;
  busy: boolean;
  again: () => void;
  more: () => void;
}

interface Pages {
  query: string;
  list: OrderList | null;
  problem: string | null;
  /** Somebody has gone further back than the first page. */
  further: boolean;
}

/** Orders of a query; the first page is asked for again now and then, unless somebody has gone further back. */
function useOrders(fleet: Fleet, query: string): Found {
  const none: Pages = { query, list: null, problem: null, further: false };
  const [pages, setPages] = useState<Pages>(none);
  const [busy, setBusy] = useState(false);
  const current = pages.query === query ? pages : none;
  const change = (how: (before: Pages) => Pages) => setPages((before) => how(before.query === query ? before : none));
  /** Earlier ones that come late count only for the list that they were asked for. */
  const extend = (how: (before: Pages) => Pages) => setPages((before) => (before.query === query ? how(before) : before));
  const first = (list: OrderList): void => change((before) => (before.further ? { ...before, problem: null } : { ...before, list, problem: null }));
  const failed = (error: unknown): void => change((before) => ({ ...before, problem: problemOf(error) }));
  const word = useLastWord(() => new LastWord(() => fleet.ask<OrderList>("GET", `/admin/orders?${query}`), first, failed), [query]);
  useEffect(() => void word.ask(), [word]);
  useEffect(() => {
    if (current.further) return;
    const every = setInterval(() => document.visibilityState === "visible" && void word.ask(), AGAIN_MS);
    return () => clearInterval(every);
  }, [word, current.further]);
  const more = (): void => {
    const next = current.list?.next;
    if (!next || busy) return;
    setBusy(true);
    fleet.ask<OrderList>("GET", `/admin/orders?${query}&before=${encodeURIComponent(next)}`).then(
      (list) => extend((before) => (before.list?.next === next ? { ...before, list: { ...list, orders: [...before.list.orders, ...list.orders] }, problem: null, further: true } : before)),
      (error: unknown) => extend((before) => ({ ...before, problem: problemOf(error) })),
    ).finally(() => setBusy(false));
  };
  return {
    orders: current.list?.orders ?? null,
    next: current.list?.next ?? null,
    waiting: current.list?.waiting ?? {},
    problem: current.problem,
    busy,
    again: () => void word.ask(),
    more,
  };
}
