/** The menu: who is at the table, categories, search, dishes with their price, allergens and what is sold out. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useComputed, useSignal } from "@preact/signals";
import { formatMoney, type MenuItem } from "@holdfast/protocol";
import { Empty, Face, Logo } from "@holdfast/pages";
import { Allergens } from "@holdfast/pages/menu/choosing";
import { gone } from "./picture";
import type { Table } from "./table";

export interface MenuProps {
  table: Table;
  /** The plus: straight into the cart where nothing needs choosing. */
  onChoose: (item: MenuItem) => void;
  onOpen: (item: MenuItem) => void;
  onJoin: () => void;
}

/** What fills the screen of any phone; the rest of the menu follows once these are seen. */
const DRAWN_FIRST = 10;
const REST_AFTER_MS = 100;

export function MenuView({ table, onChoose, onOpen, onJoin }: MenuProps): JSX.Element {
  const sought = useSignal("");
  const drawn = useSignal(DRAWN_FIRST);
  useEffect(() => {
    const rest = setTimeout(() => (drawn.value = Infinity), REST_AFTER_MS);
    return () => clearTimeout(rest);
  }, []);
  const { menu } = table.menu.value;
  const inOrder = menu.categories.flatMap((category) => menu.items.filter((item) => item.category === category));
  const found = inOrder.filter((item) => matches(item, sought.value)).slice(0, drawn.value);
  const categories = menu.categories.filter((category) => found.some((item) => item.category === category));
  return (
    <main class="menu">
      <Head table={table} onJoin={onJoin} />
      {menu.takeaway && <Service table={table} />}
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
              <DishRow key={item.id} item={item} table={table} onChoose={onChoose} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      ))}
      <footer class="menu-foot soft"><Logo /><span>keeps serving when the internet does not</span></footer>
    </main>
  );
}

function Head({ table, onJoin }: { table: Table; onJoin: () => void }): JSX.Element {
  const me = table.me.value;
  const members = table.members.value;
  return (
    <header class="head">
      <div>
        <p class="head-table">{me ? me.table_name : "Menu"}</p>
        <h1>{table.menu.value.menu.venue_name || "Menu"}</h1>
        {me && table.menu.value.menu.shop && <a class="head-shop" href={`/t/${encodeURIComponent(table.code)}/shop`}>Design a mug, a print…</a>}
      </div>
      {me
        ? (
          <div class="faces" role="img" aria-label={`At the table: ${members.map((member) => member.name).join(", ")}`}>
            {members.slice(0, 5).map((member) => <Face key={member.member_pid} id={member.member_pid} name={member.name} />)}
            {members.length > 5 && <span class="face more">+{members.length - 5}</span>}
          </div>
        )
        : <button type="button" class="button go" onClick={onJoin}>Join</button>}
    </header>
  );
}

/** Where what is added next is eaten; each line can be changed in the cart. */
function Service({ table }: { table: Table }): JSX.Element {
  const takeaway = table.takeaway.value;
  const choice = (away: boolean, words: string): JSX.Element => (
    <button type="button" class="chip" aria-pressed={takeaway === away} onClick={() => (table.takeaway.value = away)}>{words}</button>
  );
  return <div class="service" role="group" aria-label="Eat here or take away">{choice(false, "Eat here")}{choice(true, "Take away")}</div>;
}

interface DishRowProps {
  item: MenuItem;
  table: Table;
  onChoose: (item: MenuItem) => void;
  onOpen: (item: MenuItem) => void;
}

function DishRow({ item, table, onChoose, onOpen }: DishRowProps): JSX.Element {
  // Only the dish whose number changes is drawn again.
  const inCart = useComputed(() => table.inCart.value.get(item.id) ?? 0).value;
  return (
    <li class="dish" data-sold-out={item.sold_out || !item.available}>
      {item.picture && <img class="dish-picture" src={`/dishes/${item.picture.small}`} width={72} height={72} loading="lazy" decoding="async" alt="" onError={gone} onClick={() => onOpen(item)} />}
      <button type="button" class="dish-words" aria-label={`${item.name}, details`} onClick={() => onOpen(item)}>
        <strong>{item.name}</strong>
        {item.description && <span class="soft">{item.description}</span>}
        {item.hours && <span class="soft hours" data-now={item.available}>Served {item.hours}</span>}
        <Allergens names={item.allergens} />
      </button>
      <div class="dish-side">
        <span class="price number">{formatMoney(table.takeaway.value ? item.takeaway_price_minor : item.price_minor, table.menu.value.menu.currency)}</span>
        {item.sold_out || !item.available
          ? <span class="badge bad">{item.sold_out ? "Sold out" : "Not now"}</span>
          : (
            <button
              type="button" class="add" data-some={inCart > 0} aria-label={`Add ${item.name}`} disabled={table.frozen.value}
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
