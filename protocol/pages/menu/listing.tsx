/**
 * The list of dishes: search, categories, each dish with its picture, price, allergens and whether it can be had.
 *
 * What stands above it and what becomes of a tap is the page's own business. Shown by the guest pages of box and cloud.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useComputed, useSignal } from "@preact/signals";
import { formatMoney, type MenuItem } from "@holdfast/protocol";
import { Empty, Logo } from "../parts";
import type { Shelf } from "./book";
import { Allergens } from "./choosing";
import { gone } from "./picture";

export interface DishesProps {
  shelf: Shelf;
  /** The plus: straight into the cart where nothing needs choosing. */
  onChoose: (item: MenuItem) => void;
  onOpen: (item: MenuItem) => void;
}

/** What fills the screen of any phone; the rest of the menu follows once these are seen. */
const DRAWN_FIRST = 10;
const REST_AFTER_MS = 100;

export function Dishes({ shelf, onChoose, onOpen }: DishesProps): JSX.Element {
  const sought = useSignal("");
  const drawn = useSignal(DRAWN_FIRST);
  useEffect(() => {
    const rest = setTimeout(() => (drawn.value = Infinity), REST_AFTER_MS);
    return () => clearTimeout(rest);
  }, []);
  const { menu } = shelf.menu.value;
  const inOrder = menu.categories.flatMap((category) => menu.items.filter((item) => item.category === category));
  const found = inOrder.filter((item) => matches(item, sought.value)).slice(0, drawn.value);
  const categories = menu.categories.filter((category) => found.some((item) => item.category === category));
  return (
    <>
      {menu.takeaway && <Service shelf={shelf} />}
      <div class="finder">
        <input
          class="input" type="search" placeholder="Search the menu" aria-label="Search the menu" value={sought.value}
          onInput={(event) => (sought.value = event.currentTarget.value)}
        />
        <nav class="chips" aria-label="Categories">
          {categories.map((category) => (
            <button key={category} type="button" class="chip" onClick={() => jump(category)}>{category}</button>
          ))}
        </nav>
      </div>
      {categories.length === 0 && <Empty title="Nothing like that"><p>Try another word, or clear the search.</p></Empty>}
      {categories.map((category) => (
        <section key={category} id={anchor(category)} class="category">
          <h2>{category}</h2>
          <ul class="dishes">
            {found.filter((item) => item.category === category).map((item) => (
              <DishRow key={item.id} item={item} shelf={shelf} onChoose={onChoose} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      ))}
      <footer class="menu-foot soft"><Logo /><span>keeps serving when the internet does not</span></footer>
    </>
  );
}

/** Where what is added next is eaten; each line can be changed in the cart. */
function Service({ shelf }: { shelf: Shelf }): JSX.Element {
  const takeaway = shelf.takeaway.value;
  const choice = (away: boolean, words: string): JSX.Element => (
    <button type="button" class="chip" aria-pressed={takeaway === away} onClick={() => (shelf.takeaway.value = away)}>{words}</button>
  );
  return <div class="service" role="group" aria-label="Eat here or take away">{choice(false, "Eat here")}{choice(true, "Take away")}</div>;
}

function DishRow({ item, shelf, onChoose, onOpen }: DishesProps & { item: MenuItem }): JSX.Element {
  // Only the dish whose number changes is drawn again.
  const inCart = useComputed(() => shelf.inCart.value.get(item.id) ?? 0).value;
  return (
    <li class="dish" data-sold-out={item.sold_out || !item.available}>
      {item.picture && <img class="dish-picture" src={`${shelf.pictures}/${item.picture.small}`} width={72} height={72} loading="lazy" decoding="async" alt="" onError={gone} onClick={() => onOpen(item)} />}
      <button type="button" class="dish-words" aria-label={`${item.name}, details`} onClick={() => onOpen(item)}>
        <strong>{item.name}</strong>
        {item.description && <span class="soft">{item.description}</span>}
        {item.hours && <span class="soft hours" data-now={item.available}>Served {item.hours}</span>}
        <Allergens names={item.allergens} />
      </button>
      <div class="dish-side">
        <span class="price number">{formatMoney(shelf.takeaway.value ? item.takeaway_price_minor : item.price_minor, shelf.menu.value.menu.currency)}</span>
        {item.sold_out || !item.available
          ? <span class="badge bad">{item.sold_out ? "Sold out" : "Not now"}</span>
          : (
            <button
              type="button" class="add" data-some={inCart > 0} aria-label={`Add ${item.name}`} disabled={shelf.frozen.value}
              onClick={() => onChoose(item)}
            >
              {inCart > 0 ? <span class="number">{inCart}</span> : "+"}
            </button>
          )}
      </div>
    </li>
  );
}

const anchor = (category: string): string => `category-${encodeURIComponent(category)}`;

function jump(category: string): void {
  document.getElementById(anchor(category))?.scrollIntoView({ behavior: "smooth", block: "start" });
}

function matches(item: MenuItem, sought: string): boolean {
  const haystack = `${item.name} ${item.description} ${item.category}`.toLocaleLowerCase();
  return sought.toLocaleLowerCase().split(/\s+/).every((word) => haystack.includes(word));
}
