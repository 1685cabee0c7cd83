/** Taking an order: dishes to tap on the left, the cart and what the kitchen has on the right. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney, type CartItem, type MenuItem } from "@holdfast/protocol";
import { Empty, Sheet, Waiting } from "@holdfast/pages";
import { NO_MENU } from "@holdfast/pages/menu/book";
import { CartPanel, type Over } from "./cart";
import { DishSheet } from "./dish";
import { OrderCards } from "./orders";
import type { TableProps } from "./view";

export function OrderMode(props: TableProps): JSX.Element {
  const over = useSignal<Over>(null);
  /** For whom dishes are put into the cart; null for the table. */
  const member = useSignal<string | null>(null);
  const close = (): void => void (over.value = null);
  const open = over.value;
  const { whole, dishes } = props;
  const cart = whole.cart.value;
  const pieces = (cart?.items ?? []).reduce((sum, item) => sum + item.qty, 0) + whole.adding.value.length;
  return (
    <div class="two">
      <Picker {...props} over={over} member={member} />
      <aside class="beside">
        <CartPanel {...props} over={over} member={member} />
        <OrderCards {...props} />
      </aside>
      <button type="button" class="button go below" onClick={() => (over.value = "cart")}>
        Cart and orders {pieces > 0 && <span class="bubble number">{pieces}</span>}
        <span class="number">{cart ? formatMoney(cart.total_minor, cart.currency) : ""}</span>
      </button>
      {open === "cart" && (
        <Sheet label="Cart and orders" onClose={close}>
          <div class="stack"><CartPanel {...props} over={over} member={member} /><OrderCards {...props} /></div>
        </Sheet>
      )}
      {open !== null && open !== "cart" && <DishSheet key={"dish" in open ? open.dish.id : open.line.id} book={dishes.book.value} what={open} member={member.value} whole={whole} onClose={close} />}
    </div>
  );
}

interface PickerProps extends TableProps {
  over: Signal<Over>;
  member: Signal<string | null>;
}

function Picker({ dishes, whole, over, member }: PickerProps): JSX.Element {
  const category = useSignal<string | null>(null);
  const sought = useSignal("");
  const book = dishes.book.value;
  if (book === NO_MENU) {
    return <section class="picker"><Waiting words={dishes.failed.value ? "The menu could not be fetched. Trying again…" : "Fetching the menu…"} /></section>;
  }
  const wanted = sought.value.trim().toLocaleLowerCase();
  const found = book.menu.categories.flatMap((name) => book.menu.items.filter((item) => item.category === name))
    .filter((item) => (wanted ? item.name.toLocaleLowerCase().includes(wanted) : category.value === null || item.category === category.value));
  const tap = (item: MenuItem): void => {
    if (book.asks(item)) over.value = { dish: item };
    else whole.add({ menu_item: item.id, qty: 1, note: "", modifiers: [], takeaway: false, choices: [], member: member.value });
  };
  const inCart = countOf(whole.cart.value?.items ?? [], whole.adding.value);
  const locked = whole.cart.value?.cart_locked ?? false;
  return (
    <section class="picker" aria-label="Menu">
      <div class="picker-head">
        <div class="chips" role="group" aria-label="Categories">
          <button type="button" class="chip" aria-pressed={category.value === null} onClick={() => (category.value = null)}>All</button>
          {book.menu.categories.map((name) => (
            <button key={name} type="button" class="chip" aria-pressed={category.value === name} onClick={() => (category.value = name)}>{name}</button>
          ))}
        </div>
        <input class="input find" type="search" placeholder="Search" aria-label="Search the menu" value={sought.value} onInput={(event) => (sought.value = event.currentTarget.value)} />
      </div>
      {found.length === 0 && <Empty title="Nothing like that" />}
      <ul class="picks">
        {found.map((item) => (
          <li key={item.id}>
            <button type="button" class="pick" data-sold-out={!book.offers(item.id)} disabled={!book.offers(item.id) || locked} onClick={() => tap(item)}>
              <span class="pick-name">{item.name}</span>
              <span class="pick-foot">
                <span class="number soft">{formatMoney(item.price_minor, book.menu.currency)}</span>
                {item.sold_out && <span class="badge bad">sold out</span>}
                {!item.available && !item.sold_out && <span class="badge">not now</span>}
                {book.asks(item) && book.offers(item.id) && <span class="soft" aria-hidden="true">choose</span>}
              </span>
              {(inCart.get(item.id) ?? 0) > 0 && <span class="bubble number"><span class="unseen">in the cart: </span>{inCart.get(item.id)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function countOf(items: readonly CartItem[], adding: readonly { menu_item: number; qty: number }[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const each of [...items, ...adding]) counts.set(each.menu_item, (counts.get(each.menu_item) ?? 0) + each.qty);
  return counts;
}
