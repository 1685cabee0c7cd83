/** One category with its items: renamed, moved, emptied and taken away; and the form for a new one. */
import type { ComponentChildren, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { count, Sheet } from "@holdfast/pages";
import { Card } from "../page";
import type { Desk } from "./desk";
import { addCategory, moveCategory, moveItem, removeCategory, renameCategory } from "./edit";
import { Choose } from "./fields";
import { Arrows, Row } from "./rows";
import type { BrandMenu, Item } from "./shapes";
import type { MenuView } from "./view";

interface CategoryProps extends MenuView {
  category: string;
  /** While somebody looks for an item: whether this is like it. */
  fits: ((item: Item) => boolean) | null;
  onOpen: (id: number) => void;
  onAdd: () => void;
}

export function Category({ desk, draft, category, fits, onOpen, onAdd }: CategoryProps): JSX.Element {
  const editing = useSignal(false);
  const removing = useSignal(false);
  const items = draft.menu.items.filter((item) => item.category === category);
  const shown = fits ? items.filter(fits) : items;
  const place = draft.menu.categories.indexOf(category);
  const remove = (): void => {
    if (items.length === 0) return desk.edit((brand) => removeCategory(brand, category));
    editing.value = false;
    removing.value = true;
  };
  return (
    <Card title={category} about={count(items.length, "item")} actions={desk.whole && desk.editable && (
      <>
        {!fits && <Arrows what={category} first={place === 0} last={place === draft.menu.categories.length - 1} onMove={(by) => desk.edit((brand) => moveCategory(brand, category, by))} />}
        <button type="button" class="button small" aria-label={`Edit ${category}`} aria-expanded={editing.value} onClick={() => (editing.value = !editing.value)}>Edit</button>
        <button type="button" class="button small go" aria-label={`Add to ${category}`} onClick={onAdd}>Add</button>
      </>
    )}>
      {editing.value && <Name label={`New name of ${category}`} button="Rename" first={category} taken={draft.menu.categories.filter((name) => name !== category)}
        onName={(name) => { desk.edit((brand) => renameCategory(brand, category, name)); editing.value = false; }} onLeave={() => (editing.value = false)}>
        <button type="button" class="button danger" onClick={remove}>Remove{items.length > 0 && "…"}</button>
      </Name>}
      {items.length === 0 && <p class="soft">Nothing in here yet; guests do not see it.</p>}
      <ul class="rows">{shown.map((item, index) => (
        <Row key={item.id} draft={draft} pictures={desk.pictures} item={item} first={index === 0} last={index === shown.length - 1} onOpen={() => onOpen(item.id)}
          onMove={desk.whole && desk.editable && !fits ? (by) => desk.edit((brand) => moveItem(brand, item.id, by)) : null} />
      ))}</ul>
      {removing.value && <Removal desk={desk} draft={draft} category={category} items={items.length} onClose={() => (removing.value = false)} />}
    </Card>
  );
}

export function NewCategory({ desk, draft }: { desk: Desk; draft: BrandMenu }): JSX.Element {
  return <Name label="New category" button="Add category" taken={draft.menu.categories} onName={(name) => desk.edit((brand) => addCategory(brand, name))} />;
}

interface NameProps {
  label: string;
  button: string;
  first?: string;
  /** Names that are used already. */
  taken: readonly string[];
  onName: (name: string) => void;
  onLeave?: () => void;
  children?: ComponentChildren;
}

function Name({ label, button, first = "", taken, onName, onLeave, children }: NameProps): JSX.Element {
  const typed = useSignal(first);
  const problem = useSignal("");
  const submit = (event: Event): void => {
    event.preventDefault();
    const name = typed.value.trim();
    if (name === "") problem.value = "A category needs a name.";
    else if (taken.includes(name)) problem.value = `There is a category “${name}” already.`;
    else {
      onName(name);
      typed.value = "";
    }
  };
  const type = (text: string): void => {
    typed.value = text;
    problem.value = "";
  };
  return (
    <form class="inline-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onLeave?.()}>
      <input class="input" autofocus={onLeave !== undefined} aria-label={label} placeholder={label} maxLength={80} aria-invalid={problem.value !== ""} value={typed.value} onInput={(event) => type(event.currentTarget.value)} />
      <button type="submit" class="button">{button}</button>
      {children}
      {onLeave && <button type="button" class="button" onClick={onLeave}>Cancel</button>}
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
    </form>
  );
}

interface RemovalProps {
  desk: Desk;
  draft: BrandMenu;
  category: string;
  items: number;
  onClose: () => void;
}

/** Its items are never thrown away unasked. */
function Removal({ desk, draft, category, items, onClose }: RemovalProps): JSX.Element {
  const others = draft.menu.categories.filter((name) => name !== category);
  const to = useSignal(others[0] ?? "");
  const remove = (): void => {
    desk.edit((brand) => removeCategory(brand, category, to.value || null));
    onClose();
  };
  return (
    <Sheet label={`Remove ${category}`} onClose={onClose}>
      <div class="form">
        <h2>Remove “{category}”?</h2>
        <Choose label={`Its ${count(items, "item")}`} value={to.value} options={[...others.map((name) => [name, `go to ${name}`] as const), ["", items === 1 ? "comes off the menu, too" : "come off the menu, too"]]} onValue={(value) => (to.value = value)} />
        <p class="soft">Guests see it when you publish; until then you can take it back with Undo.</p>
        <button type="button" class="button danger wide" onClick={remove}>{to.value ? `Remove, and move ${count(items, "item")} to ${to.value}` : `Remove with ${count(items, "item")}`}</button>
      </div>
    </Sheet>
  );
}
