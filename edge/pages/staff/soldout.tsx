/** Dishes that are out, or counted: every guest's phone and every tablet is told at once. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { MenuItem } from "@holdfast/protocol";
import { Empty, Waiting } from "@holdfast/pages";
import { NO_MENU } from "@holdfast/pages/menu/book";
import type { Desk } from "./desk";
import type { House } from "./house";
import { Dishes } from "./menu";

export function SoldOutPanel({ house, desk }: { house: House; desk: Desk }): JSX.Element {
  const dishes = useMemo(() => new Dishes(house, desk), []);
  const sought = useSignal("");
  useEffect(() => dishes.start(), [dishes]);
  const book = dishes.book.value;
  if (book === NO_MENU) return <Waiting words="Fetching the menu…" />;
  const wanted = sought.value.trim().toLocaleLowerCase();
  const found = book.menu.items
    .filter((item) => item.name.toLocaleLowerCase().includes(wanted))
    .sort((one, other) => Number(other.sold_out) - Number(one.sold_out));
  return (
    <div class="stack">
      <input class="input" type="search" placeholder="Search the menu" aria-label="Search the menu" value={sought.value} onInput={(event) => (sought.value = event.currentTarget.value)} />
      {found.length === 0 && <Empty title="Nothing like that" />}
      <ul class="lines">{found.map((item) => <DishRow key={item.id} item={item} left={house.stock.value.get(item.id)?.left ?? null} desk={desk} />)}</ul>
    </div>
  );
}

function DishRow({ item, left, desk }: { item: MenuItem; left: number | null; desk: Desk }): JSX.Element {
  const busy = useSignal(false);
  const mark = async (): Promise<void> => {
    busy.value = true;
    await desk.attempt(() => desk.send("/api/v1/menu/sold_out", { menu_item: item.id, sold_out: !item.sold_out }));
    busy.value = false;
  };
  return (
    <li class="line pieces" data-sold-out={item.sold_out}>
      <span class="line-words">{item.name} <span class="soft">{left !== null ? `${left} left` : item.category}</span></span>
      <button type="button" class={item.sold_out ? "button danger" : "button"} aria-pressed={item.sold_out} disabled={busy.value} onClick={() => void mark()}>
        {item.sold_out ? "Sold out: bring back" : "Mark sold out"}
      </button>
    </li>
  );
}
