/** Questions that are asked about items: size, doneness, extras. One question may be asked about many items. */
import type { JSX } from "preact";
import { count } from "@holdfast/pages";
import { Card } from "../page";
import { putGroup, removeGroup } from "./edit";
import { Price, Text, Whole } from "./fields";
import { freshId, type Group, type Option } from "./shapes";
import type { MenuView } from "./view";

export function Questions({ desk, draft }: MenuView): JSX.Element {
  const groups = draft.menu.modifier_groups ?? [];
  const add = (): void => desk.edit((brand) => putGroup(brand, { id: freshId(), name: "", least: 0, most: 1, options: [{ id: freshId(), name: "" }] }));
  return (
    <>
      {groups.length === 0 && <p class="soft">No questions yet. A question has answers to choose from, some of them at a price.</p>}
      <div class="categories">{groups.map((group) => <Question key={group.id} desk={desk} draft={draft} group={group} />)}</div>
      {desk.whole && desk.editable && <button type="button" class="button" onClick={add}>Add a question</button>}
    </>
  );
}

function Question({ desk, draft, group }: Omit<MenuView, "seen"> & { group: Group }): JSX.Element {
  const set = (changes: Partial<Group>): void => desk.edit((brand) => putGroup(brand, { ...group, ...changes }));
  const setOption = (id: number, changes: Partial<Option>): void => set({ options: group.options.map((each) => (each.id === id ? { ...each, ...changes } : each)) });
  const asked = draft.menu.items.filter((item) => item.modifier_groups?.includes(group.id)).length;
  return (
    <Card title={group.name || "A new question"} about={`Asked about ${count(asked, "item")}`}>
      <fieldset class="form wide-form" disabled={!desk.whole || !desk.editable}>
        <Text label="Question" required value={group.name} onValue={(name) => set({ name })} />
        <div class="pair">
          <Whole label="Answers at least" value={group.least ?? 0} onValue={(least) => set({ least: least ?? 0 })} />
          <Whole label="Answers at most" value={group.most ?? 1} onValue={(most) => set({ most: most ?? 1 })} />
        </div>
        {impossible(group) && <p class="field-error" role="alert">{impossible(group)}</p>}
        {group.options.map((option, place) => (
          <div key={option.id} class="pair">
            <Text label={`Answer ${place + 1}`} required value={option.name} onValue={(name) => setOption(option.id, { name })} />
            <Price signed label="Adds" currency={draft.menu.currency} value={option.price_minor ?? 0} onValue={(price_minor) => setOption(option.id, { price_minor: price_minor ?? 0 })} />
            {group.options.length > 1 && <button type="button" class="button small" onClick={() => set({ options: group.options.filter(({ id }) => id !== option.id) })}>Remove answer</button>}
          </div>
        ))}
        <div class="page-actions">
          <button type="button" class="button small" onClick={() => set({ options: [...group.options, { id: freshId(), name: "" }] })}>Add an answer</button>
          <button type="button" class="button small" onClick={() => desk.edit((brand) => removeGroup(brand, group.id))}>Remove question</button>
        </div>
      </fieldset>
    </Card>
  );
}

/** Why no guest could answer it; empty where they can. */
function impossible({ least = 0, most = 1, options }: Group): string {
  if (least > most) return `Nobody can give at least ${least} and at most ${most} answers.`;
  return least > options.length ? `There are only ${count(options.length, "answer")} to choose from.` : "";
}
