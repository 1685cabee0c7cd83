/** Categories with their items, in the order in which a guest sees them. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Empty } from "@holdfast/pages";
import { Category, NewCategory } from "./category";
import { putItem, removeItem } from "./edit";
import { ItemSheet } from "./item_sheet";
import { freshId, type Item } from "./shapes";
import type { MenuView } from "./view";

/** From so many on, looking for one is quicker than reading. */
const MANY = 12;

export function Items({ desk, seen, draft }: MenuView): JSX.Element {
  const open = useSignal<number | null>(null);
  const begun = useSignal<number | null>(null);
  const sought = useSignal("");
  const item = draft.menu.items.find(({ id }) => id === open.value);
  const begin = (category: string): void => {
    const id = freshId();
    const station = draft.menu.items.find((each) => each.category === category)?.station;
    desk.edit((brand) => putItem(brand, { id, name: "", category, price_minor: 0, ...(station ? { station } : {}) }));
    open.value = begun.value = id;
  };
  /** One that was begun and never got a name is not left behind. */
  const close = (): void => {
    if (item && item.id === begun.value && item.name.trim() === "") desk.edit((brand) => removeItem(brand, item.id));
    open.value = begun.value = null;
  };
  const letters = sought.value.trim().toLowerCase();
  const fits = letters === "" ? null : (each: Item): boolean => `${each.name} ${each.description ?? ""}`.toLowerCase().includes(letters);
  const shown = fits ? draft.menu.categories.filter((category) => draft.menu.items.some((each) => each.category === category && fits(each))) : draft.menu.categories;
  return (
    <>
      {draft.menu.items.length > MANY && <input class="input" type="search" aria-label="Find an item" placeholder="Find an item" value={sought.value} onInput={(event) => (sought.value = event.currentTarget.value)} />}
      {draft.menu.categories.length === 0 && <Empty title="An empty menu"><p>Begin with a category, such as Breakfast or Drinks.</p></Empty>}
      {fits && shown.length === 0 && <Empty title="Nothing like that"><p>No item has “{sought.value.trim()}” in its name or description.</p></Empty>}
      <div class="categories">
        {shown.map((category) => (
          <Category key={category} desk={desk} seen={seen} draft={draft} category={category} fits={fits} onOpen={(id) => (open.value = id)} onAdd={() => begin(category)} />
        ))}
      </div>
      {desk.whole && desk.editable && !fits && <NewCategory desk={desk} draft={draft} />}
      {item && <ItemSheet key={item.id} desk={desk} seen={seen} draft={draft} item={item} onClose={close} />}
    </>
  );
}
