/** An item that is made of others: slots, each filled by exactly one of its choices. */
import type { JSX } from "preact";
import { putItem } from "./edit";
import { Price, Text } from "./fields";
import type { ItemProps } from "./view";
import type { Choice, Slot } from "./shapes";

export function Combo({ desk, draft, item }: ItemProps): JSX.Element {
  const slots = item.slots ?? [];
  const put = (next: Slot[]): void => desk.edit((brand) => putItem(brand, { ...item, slots: next }));
  const set = (id: number, changes: Partial<Slot>): void => put(slots.map((slot) => (slot.id === id ? { ...slot, ...changes } : slot)));
  const single = draft.menu.items.filter((each) => !each.slots?.length && each.id !== item.id);
  const add = (): void => {
    const first = single[0];
    if (first) put([...slots, { id: Math.max(0, ...slots.map(({ id }) => id)) + 1, name: "", choices: [{ menu_item: first.id }] }]);
  };
  return (
    <>
      {slots.length === 0 && <p class="soft">A combo is several dishes at one price, such as a main and a drink.</p>}
      {slots.map((slot, place) => {
        const choose = (choices: Choice[]): void => set(slot.id, { choices });
        return (
          <fieldset key={slot.id} class="at-venue">
            <legend>Slot {place + 1}</legend>
            <Text label="What guests are asked" value={slot.name} onValue={(name) => set(slot.id, { name })} />
            {slot.choices.map((choice, at) => (
              <div key={choice.menu_item} class="pair">
                <label class="field">
                  <span>Choice {at + 1}</span>
                  <select class="input" value={choice.menu_item} onChange={(event) => choose(slot.choices.map((each, other) => (other === at ? { ...each, menu_item: Number(event.currentTarget.value) } : each)))}>
                    {single.filter(({ id }) => id === choice.menu_item || !slot.choices.some((other) => other.menu_item === id)).map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
                  </select>
                </label>
                <Price signed label="More or less" currency={draft.menu.currency} value={choice.price_minor ?? 0} onValue={(price_minor) => choose(slot.choices.map((each, other) => (other === at ? { ...each, price_minor: price_minor ?? 0 } : each)))} />
                {slot.choices.length > 1 && <button type="button" class="button small" onClick={() => choose(slot.choices.filter((_, other) => other !== at))}>Remove choice</button>}
              </div>
            ))}
            <div class="page-actions">
              <button type="button" class="button small" onClick={() => addChoice(slot, single.map(({ id }) => id), choose)}>Add a choice</button>
              <button type="button" class="button small" onClick={() => put(slots.filter(({ id }) => id !== slot.id))}>Remove slot</button>
            </div>
          </fieldset>
        );
      })}
      <button type="button" class="button small" disabled={single.length === 0} onClick={add}>Add a slot</button>
    </>
  );
}

function addChoice(slot: Slot, ids: number[], choose: (choices: Choice[]) => void): void {
  const free = ids.find((id) => !slot.choices.some((choice) => choice.menu_item === id));
  if (free !== undefined) choose([...slot.choices, { menu_item: free }]);
}
