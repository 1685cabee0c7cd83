/** The page: how the venue is reached, the menu, the cart on this phone, and the orders as the kitchen goes on with them. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { formatMoney, type MenuItem } from "@holdfast/protocol";
import { Banner, Empty, Sheet, span, Waiting } from "@holdfast/pages";
import { NO_MENU, type Wanted } from "@holdfast/pages/menu/book";
import { DishSheet } from "@holdfast/pages/menu/dish";
import { Dishes } from "@holdfast/pages/menu/listing";
import { PlacedSheet } from "@holdfast/pages/menu/placed";
import { stageOf } from "@holdfast/pages/menu/stage";
import { Basket } from "./basket";
import type { FarGuest } from "./guest";
import { JoinSheet } from "./joining";
import { Orders } from "./orders";
import { barred } from "./standing";

type Over = "nothing" | "basket" | "orders" | MenuItem;

export function App({ guest }: { guest: FarGuest }): JSX.Element {
  const over = useSignal<Over>("nothing");
  const place = guest.place.value;
  useEffect(() => {
    document.title = place ? `${place.table_name} · ${place.venue_name}` : "Your table";
  }, [place?.table_name, place?.venue_name]);
  useSignalEffect(() => {
    if (guest.placed.value && over.peek() === "basket") over.value = "nothing";
  });
  if (guest.failed.value !== null) return <main class="far-failed"><Empty title="Nothing can be ordered here"><p>{guest.failed.value}</p></Empty></main>;
  return (
    <>
      <Banner tone="warn" shown={guest.lost.value}>No connection. What you chose is kept on this phone.</Banner>
      <div class="page">
        {guest.menu.value === NO_MENU
          ? <main class="menu"><Waiting words={guest.lost.value ? "The menu does not come. Trying again…" : "Fetching the menu…"} /></main>
          : <FarMenu guest={guest} over={over} />}
        <aside class="side">
          <section class="card" aria-label="Order"><Basket guest={guest} /></section>
          {guest.orders.value.length > 0 && <section class="card" aria-label="Orders"><Orders guest={guest} /></section>}
        </aside>
      </div>
      <BottomBar guest={guest} over={over} />
      <Sheets guest={guest} over={over} />
    </>
  );
}

interface OverProps {
  guest: FarGuest;
  over: Signal<Over>;
}

function Sheets({ guest, over }: OverProps): JSX.Element {
  const open = over.value;
  const close = (): void => void (over.value = "nothing");
  const add = (wanted: Wanted): void => {
    guest.add(wanted);
    close();
  };
  return (
    <>
      {open === "basket" && <Sheet label="Your order" onClose={close}><Basket guest={guest} /></Sheet>}
      {open === "orders" && <Sheet label="Orders" onClose={close}><Orders guest={guest} /></Sheet>}
      {typeof open === "object" && <DishSheet shelf={guest} item={open} onClose={close} onAdd={add} />}
      {guest.asksName.value && <JoinSheet guest={guest} onClose={() => (guest.asksName.value = false)} />}
      {guest.placed.value && <PlacedSheet placed={guest.placed.value} onClose={() => (guest.placed.value = null)} />}
    </>
  );
}

function FarMenu({ guest, over }: OverProps): JSX.Element {
  const choose = (item: MenuItem): void => {
    if (guest.menu.value.asks(item)) over.value = item;
    else guest.add({ menu_item: item.id, qty: 1, note: "", modifiers: [], choices: [], takeaway: guest.takeaway.value });
  };
  return (
    <main class="menu">
      <header class="head">
        <div>
          <p class="head-table">{guest.place.value?.table_name ?? "Menu"}</p>
          <h1>{guest.menu.value.menu.venue_name}</h1>
        </div>
      </header>
      <Reach guest={guest} />
      <Dishes shelf={guest} onChoose={choose} onOpen={(item) => (over.value = item)} />
    </main>
  );
}

/** By which way this phone orders, and whether that way leads anywhere now. */
function Reach({ guest }: { guest: FarGuest }): JSX.Element | null {
  const place = guest.place.value;
  if (!place) return null;
  const why = barred(place);
  if (why) return <p class="reach" data-tone="warn" role="status">{why}</p>;
  if (!place.reached) {
    const since = place.silent_s === null ? "" : ` It was last heard of ${span(place.silent_s)} ago.`;
    return <p class="reach" data-tone="warn" role="status"><strong>The venue has no internet at the moment.</strong>{since} If you are there, connect to its Wi-Fi and scan the code on your table: everything works there. What you order here waits for the staff.</p>;
  }
  return <p class="reach" data-tone="good" role="status">You are ordering over the internet. On the venue's Wi-Fi you share one cart with your table.</p>;
}

function BottomBar({ guest, over }: OverProps): JSX.Element | null {
  const { currency } = guest.menu.value.menu;
  const pieces = guest.pieces.value;
  const sent = guest.sent.value;
  const newest = guest.orders.value[0]?.told.order;
  if (pieces === 0 && sent === null && !newest) return null;
  const waiting = sent !== null && pieces === 0;
  const total_minor = waiting ? sent.total_minor : guest.total_minor.value;
  return (
    <nav class="bottom" aria-label="Cart and orders">
      {newest && (
        <button type="button" class="button bottom-orders" onClick={() => (over.value = "orders")}>
          <strong>{newest.ticket ?? newest.order_id}</strong> {stageOf(newest.status).short}
        </button>
      )}
      <button type="button" class={`button bottom-cart ${pieces > 0 ? "go" : "idle"}`} onClick={() => (over.value = "basket")}>
        <span>{waiting ? "Your order" : "Cart"}</span>
        {pieces > 0 && <span class="bubble number"><span class="unseen">, items: </span>{pieces}</span>}
        <span class="bottom-total number">{pieces > 0 || waiting ? formatMoney(total_minor, currency) : "empty"}</span>
      </button>
    </nav>
  );
}
