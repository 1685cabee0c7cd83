/** Prices that will hold from some moment on, each at the venue's own local time. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { FIRST_DAY, LAST_DAY } from "@holdfast/pages";
import { Card } from "../page";
import { putPlan, removePlan } from "./edit";
import type { Desk } from "./desk";
import { Choose, Price } from "./fields";
import type { PriceChange } from "./shapes";
import type { MenuView } from "./view";
import { localMoment, Words } from "./words";

export function Plans({ desk, seen, draft }: MenuView): JSX.Element {
  return (
    <Card title="Planned prices" about="They come into force by themselves, at each venue's own time. A venue that is offline then gets them when it is back.">
      <PlanRows desk={desk} words={new Words([draft], seen.venues)} changes={draft.price_changes ?? []} />
      <PlanForm desk={desk} seen={seen} draft={draft} />
    </Card>
  );
}

export function PlanRows({ desk, words, changes }: { desk: Desk; words: Words; changes: PriceChange[] }): JSX.Element {
  if (changes.length === 0) return <p class="soft">No price is planned.</p>;
  return (
    <ul class="rows">
      {changes.map((change) => (
        <li key={`${change.item}/${change.venue_id ?? ""}/${change.at}`} class="row">
          <span class="row-words">
            <strong>{words.item(change.item)} <span class="number">{words.value("price_minor", change.price_minor)}</span></strong>
            <span class="soft">from {localMoment(change.at)} · {change.venue_id ? words.venue(change.venue_id) : "all venues"}</span>
          </span>
          {desk.editable && (desk.whole || change.venue_id) && <button type="button" class="button small" onClick={() => desk.edit((brand) => removePlan(brand, change))}>Remove</button>}
        </li>
      ))}
    </ul>
  );
}

/** `fixed` names the item where it is not to be chosen. */
export function PlanForm({ desk, seen, draft, fixed }: MenuView & { fixed?: number }): JSX.Element | null {
  const chosen = useSignal<number | null>(fixed ?? draft.menu.items[0]?.id ?? null);
  const price = useSignal<number | null>(null);
  const at = useSignal("");
  /** Whether what is typed is a moment by now: years are typed digit by digit. */
  const fits = useSignal(false);
  const venue = useSignal(desk.whole ? "" : seen.venues[0]?.venue_id ?? "");
  if (!desk.editable || chosen.value === null) return null;
  const ready = price.value !== null && price.value >= 0 && at.value !== "" && fits.value;
  const add = (): void => {
    desk.edit((brand) => putPlan(brand, { item: chosen.value!, price_minor: price.value!, at: at.value.slice(0, 16), venue_id: venue.value || null }));
    price.value = null;
    at.value = "";
  };
  return (
    <div class="form wide-form">
      <div class="pair">
        {fixed === undefined && <Choose label="Item" value={String(chosen.value)} options={draft.menu.items.map((item) => [String(item.id), item.name])} onValue={(id) => (chosen.value = Number(id))} />}
        <Price label="New price" empty="" currency={draft.menu.currency} value={price.value} onValue={(minor) => (price.value = minor)} />
        <label class="field"><span>From</span><input class="input number" type="datetime-local" min={`${FIRST_DAY}T00:00`} max={`${LAST_DAY}T23:59`} value={at.value} onInput={({ currentTarget: field }) => ([at.value, fits.value] = [field.value, field.validity.valid])} /></label>
        <Choose label="Where" value={venue.value} options={[...(desk.whole ? [["", "All venues"] as const] : []), ...seen.venues.map((each) => [each.venue_id, each.name] as const)]} onValue={(id) => (venue.value = id)} />
      </div>
      <button type="button" class="button" disabled={!ready} onClick={add}>Plan this price</button>
    </div>
  );
}
