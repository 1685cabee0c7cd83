/** The page: how the venue is reached, the menu, the cart on this phone, and what became of the order. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type MenuItem } from "@holdfast/protocol";
import { Banner, Empty, Logo, Sheet, span, Waiting } from "@holdfast/pages";
import { NO_MENU } from "@holdfast/pages/menu/book";
import { Allergens } from "@holdfast/pages/menu/choosing";
import { Basket } from "./basket";
import { Dish } from "./dish";
import type { FarGuest } from "./guest";
import { JoinSheet } from "./joining";
import { barred } from "./standing";

type Over = "nothing" | "basket" | MenuItem;

export function App({ guest }: { guest: FarGuest }): JSX.Element {
  const over = useSignal<Over>("nothing");
  const close = (): void => void (over.value = "nothing");
  const place = guest.place.value;
  useEffect(() => {
    document.title = place ? `${place.table_name} · ${place.venue_name}` : "Your table";
  }, [place]);
  if (guest.failed.value !== null) return <main class="far-failed"><Empty title="Nothing can be ordered here"><p>{guest.failed.value}</p></Empty></main>;
  const choose = (item: MenuItem): void => {
    if (guest.menu.value.asks(item)) over.value = item;
    else guest.add({ menu_item: item.id, qty: 1, note: "", modifiers: [], choices: [] });
  };
  const show = typeof over.value === "object" ? over.value : null;
  return (
    <>
      <Banner tone="warn" shown={guest.lost.value}>No connection. What you chose is kept on this phone.</Banner>
      <div class="page">
        {guest.menu.value === NO_MENU
          ? <main class="menu"><Waiting words="Fetching the menu…" /></main>
          : <FarMenu guest={guest} onChoose={choose} onOpen={(item) => (over.value = item)} />}
        <aside class="side"><section class="card" aria-label="Order"><Basket guest={guest} /></section></aside>
      </div>
      <BottomBar guest={guest} onOpen={() => (over.value = "basket")} />
      {over.value === "basket" && <Sheet label="Your order" onClose={close}><Basket guest={guest} /></Sheet>}
      {show && <Dish guest={guest} item={show} onClose={close} />}
      {guest.asksName.value && <JoinSheet guest={guest} onClose={() => (guest.asksName.value = false)} />}
    </>
  );
}

interface MenuProps {
  guest: FarGuest;
  onChoose: (item: MenuItem) => void;
  onOpen: (item: MenuItem) => void;
}

function FarMenu({ guest, onChoose, onOpen }: MenuProps): JSX.Element {
  const { menu } = guest.menu.value;
  const place = guest.place.value;
  const counts = new Map<number, number>();
  for (const line of guest.lines.value) counts.set(line.menu_item, (counts.get(line.menu_item) ?? 0) + line.qty);
  return (
    <main class="menu">
      <header class="head">
        <div>
          <p class="head-table">{place?.table_name ?? "Menu"}</p>
          <h1>{menu.venue_name}</h1>
        </div>
      </header>
      <Reach guest={guest} />
      {menu.categories.map((category) => {
        const items = menu.items.filter((item) => item.category === category);
        return items.length > 0 && (
          <section key={category} class="category">
            <h2>{category}</h2>
            <ul class="dishes">{items.map((item) => <Row key={item.id} item={item} currency={menu.currency} count={counts.get(item.id) ?? 0} onChoose={onChoose} onOpen={onOpen} />)}</ul>
          </section>
        );
      })}
      <footer class="menu-foot soft"><Logo /><span>keeps serving when the internet does not</span></footer>
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

interface RowProps {
  item: MenuItem;
  currency: string;
  count: number;
  onChoose: (item: MenuItem) => void;
  onOpen: (item: MenuItem) => void;
}

function Row({ item, currency, count, onChoose, onOpen }: RowProps): JSX.Element {
  const out = item.sold_out || !item.available;
  return (
    <li class="dish" data-sold-out={out}>
      <button type="button" class="dish-words" aria-label={`${item.name}, details`} onClick={() => onOpen(item)}>
        <strong>{item.name}</strong>
        {item.description && <span class="soft">{item.description}</span>}
        {item.hours && <span class="soft">Served {item.hours}</span>}
        <Allergens names={item.allergens} />
      </button>
      <div class="dish-side">
        <span class="price number">{formatMoney(item.price_minor, currency)}</span>
        {out
          ? <span class="badge bad">{item.sold_out ? "Sold out" : "Not now"}</span>
          : <button type="button" class="add" data-some={count > 0} aria-label={`Add ${item.name}`} onClick={() => onChoose(item)}>{count > 0 ? <span class="number">{count}</span> : "+"}</button>}
      </div>
    </li>
  );
}

function BottomBar({ guest, onOpen }: { guest: FarGuest; onOpen: () => void }): JSX.Element | null {
  const { currency } = guest.menu.value.menu;
  const pieces = guest.pieces.value;
  if (pieces === 0 && guest.sent.value === null) return null;
  return (
    <nav class="bottom" aria-label="Order">
      <button type="button" class={`button bottom-cart ${pieces > 0 ? "go" : "idle"}`} onClick={onOpen}>
        <span>{guest.sent.value ? "Your order" : "Cart"}</span>
        {pieces > 0 && <span class="bubble number"><span class="unseen">, items: </span>{pieces}</span>}
        <span class="bottom-total number">{formatMoney(pieces > 0 ? guest.total_minor.value : guest.sent.value?.total_minor ?? 0, currency)}</span>
      </button>
    </nav>
  );
}
