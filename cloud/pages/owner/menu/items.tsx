/** Categories with their items, in the order in which a guest sees them. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, count, Empty } from "@holdfast/pages";
import { Card } from "../page";
import { addCategory, moveCategory, moveItem, putItem, removeCategory, renameCategory } from "./edit";
import { ItemSheet } from "./item_sheet";
import { freshId, type BrandMenu, type Item } from "./shapes";
import type { MenuView } from "./view";
import { hoursText } from "./words";

export function Items({ desk, seen, draft }: MenuView): JSX.Element {
  const open = useSignal<number | null>(null);
  const name = useSignal("");
  const item = draft.menu.items.find(({ id }) => id === open.value);
  const begin = (category: string): void => {
    const id = freshId();
    const station = draft.menu.items.find((each) => each.category === category)?.station;
    desk.edit((brand) => putItem(brand, { id, name: "", category, price_minor: 0, ...(station ? { station } : {}) }));
    open.value = id;
  };
  const add = (event: Event): void => {
    event.preventDefault();
    if (name.value.trim() === "") return;
    desk.edit((brand) => addCategory(brand, name.value.trim()));
    name.value = "";
  };
  return (
    <>
      {draft.menu.categories.length === 0 && <Empty title="An empty menu"><p>Begin with a category, such as Breakfast or Drinks.</p></Empty>}
      <div class="categories">
        {draft.menu.categories.map((category) => (
          <Category key={category} desk={desk} seen={seen} draft={draft} category={category} onOpen={(id) => (open.value = id)} onAdd={() => begin(category)} />
        ))}
      </div>
      {desk.whole && desk.editable && (
        <form class="inline-form" onSubmit={add}>
          <input class="input" aria-label="New category" placeholder="New category" maxLength={80} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
          <button type="submit" class="button">Add category</button>
        </form>
      )}
      {item && <ItemSheet key={item.id} desk={desk} seen={seen} draft={draft} item={item} onClose={() => (open.value = null)} />}
    </>
  );
}

interface CategoryProps extends MenuView {
  category: string;
  onOpen: (id: number) => void;
  onAdd: () => void;
}

function Category({ desk, draft, category, onOpen, onAdd }: CategoryProps): JSX.Element {
  const renaming = useSignal<string | null>(null);
  const items = draft.menu.items.filter((item) => item.category === category);
  const rename = (event: Event): void => {
    event.preventDefault();
    const wanted = renaming.value?.trim();
    if (wanted) desk.edit((brand) => renameCategory(brand, category, wanted));
    renaming.value = null;
  };
  return (
    <Card title={category} about={count(items.length, "item")} actions={desk.whole && desk.editable && (
      <>
        <Arrows what={category} onMove={(by) => desk.edit((brand) => moveCategory(brand, category, by))} />
        <button type="button" class="button small" aria-label={`Rename ${category}`} onClick={() => (renaming.value = category)}>Rename</button>
        {items.length === 0 && <button type="button" class="button small" aria-label={`Remove ${category}`} onClick={() => desk.edit((brand) => removeCategory(brand, category))}>Remove</button>}
        <button type="button" class="button small go" aria-label={`Add to ${category}`} onClick={onAdd}>Add</button>
      </>
    )}>
      {renaming.value !== null && (
        <form class="inline-form" onSubmit={rename}>
          <input class="input" autofocus aria-label={`New name of ${category}`} maxLength={80} value={renaming.value} onInput={(event) => (renaming.value = event.currentTarget.value)} />
          <button type="submit" class="button">Rename</button>
        </form>
      )}
      {items.length === 0 && <p class="soft">Nothing in here yet; guests do not see it.</p>}
      <ul class="rows">{items.map((item) => <Row key={item.id} draft={draft} pictures={desk.pictures} item={item} onOpen={() => onOpen(item.id)} onMove={desk.whole && desk.editable ? (by) => desk.edit((brand) => moveItem(brand, item.id, by)) : null} />)}</ul>
    </Card>
  );
}

interface RowProps {
  draft: BrandMenu;
  /** Where they are found. */
  pictures: string;
  item: Item;
  onOpen: () => void;
  onMove: ((by: -1 | 1) => void) | null;
}

function Row({ draft, pictures, item, onOpen, onMove }: RowProps): JSX.Element {
  const elsewhere = (draft.overrides ?? []).filter((row) => row.items?.some((each) => each.item === item.id)).length;
  const planned = (draft.price_changes ?? []).filter((change) => change.item === item.id).length;
  return (
    <li class="row menu-row">
      <button type="button" class="menu-item" onClick={onOpen}>
        {item.picture && <img class="dish-picture-small" src={`${pictures}/${item.picture.small}`} width={44} height={44} loading="lazy" decoding="async" alt="" />}
        <span class="row-words">
          <strong>{item.name || "A new item"}</strong>
          <span class="menu-badges">
            {!item.name.trim() && <Badge tone="warn">needs a name</Badge>}
            {(item.slots?.length ?? 0) > 0 && <Badge>combo</Badge>}
            {(item.modifier_groups?.length ?? 0) > 0 && <Badge>{count(item.modifier_groups?.length ?? 0, "question")}</Badge>}
            {item.course && <Badge>{item.course}</Badge>}
            {(item.hours?.length ?? 0) > 0 && <Badge>{hoursText(item.hours ?? [])}</Badge>}
            {planned > 0 && <Badge tone="warn">price planned</Badge>}
            {elsewhere > 0 && <Badge>different at {count(elsewhere, "venue")}</Badge>}
          </span>
        </span>
        <span class="menu-price number">
          <strong>{formatMoney(item.price_minor, draft.menu.currency)}</strong>
          {(item.takeaway_price_minor ?? null) !== null && <span class="soft">takeaway {formatMoney(item.takeaway_price_minor ?? 0, draft.menu.currency)}</span>}
        </span>
      </button>
      {onMove && <Arrows what={item.name} onMove={onMove} />}
    </li>
  );
}

function Arrows({ what, onMove }: { what: string; onMove: (by: -1 | 1) => void }): JSX.Element {
  return (
    <span class="arrows">
      <button type="button" class="arrow" aria-label={`Move ${what} up`} onClick={() => onMove(-1)}>↑</button>
      <button type="button" class="arrow" aria-label={`Move ${what} down`} onClick={() => onMove(1)}>↓</button>
    </span>
  );
}
