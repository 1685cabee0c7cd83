/** Everything about one item. Each change is in the draft at once; there is nothing to confirm. */
import type { ComponentChildren, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { count, Sheet } from "@holdfast/pages";
import { Combo } from "./combo";
import { overrideOf, putItem, putOverride, removeItem } from "./edit";
import { Choose, Price, Rate, Text, Whole } from "./fields";
import { HoursEditor } from "./hours";
import { PictureField } from "./picture";
import { PlanForm, PlanRows } from "./plans";
import { COURSES, type Item, type Override } from "./shapes";
import { stationsOf, type ItemProps } from "./view";
import { Words } from "./words";

export function ItemSheet({ onClose, ...props }: ItemProps & { onClose: () => void }): JSX.Element {
  const { desk, draft, item } = props;
  const sure = useSignal(false);
  const remove = (): void => {
    desk.edit((brand) => removeItem(brand, item.id));
    onClose();
  };
  return (
    <Sheet label={item.name || "A new item"} onClose={onClose} class="menu-sheet">
      <fieldset class="form wide-form" disabled={!desk.editable}>
        <h2>{item.name || "A new item"}</h2>
        {!desk.whole && <p class="soft">The dish is the whole brand's; here you say what is different at your venues.</p>}
        {!desk.whole && <AtVenues {...props} />}
        <Everywhere {...props} />
        {desk.whole && <Fold title="Different at venues"><AtVenues {...props} /></Fold>}
        <Fold title="Planned prices">
          <PlanRows desk={desk} words={new Words([draft], props.seen.venues)} changes={(draft.price_changes ?? []).filter((each) => each.item === item.id)} />
          <PlanForm {...props} fixed={item.id} />
        </Fold>
        {desk.whole && desk.editable && (sure.value
          ? <button type="button" class="button danger" onClick={remove} onBlur={() => (sure.value = false)}>Really take it off the menu</button>
          : <button type="button" class="button" onClick={() => (sure.value = true)}>Take off the menu…</button>)}
      </fieldset>
    </Sheet>
  );
}

/** What holds at all venues of the brand. */
function Everywhere(props: ItemProps): JSX.Element {
  const { desk, item } = props;
  return (
    <fieldset class="form wide-form everywhere" disabled={!desk.whole}>
      <Main {...props} />
      <Fold title="Tax and takeaway" open={false}><Taxes {...props} /></Fold>
      {!item.slots?.length && <Fold title={`Questions (${item.modifier_groups?.length ?? 0})`}><Asks {...props} /></Fold>}
      <Fold title={`Served (${item.hours?.length ? "at some hours" : "always"})`}>
        <HoursEditor hours={item.hours ?? []} onHours={(hours) => desk.edit((brand) => putItem(brand, { ...item, hours }))} />
      </Fold>
      {!item.modifier_groups?.length && <Fold title={`Combo (${item.slots?.length ? count(item.slots.length, "slot") : "no"})`}><Combo {...props} /></Fold>}
    </fieldset>
  );
}

function Fold({ title, open = false, children }: { title: string; open?: boolean; children: ComponentChildren }): JSX.Element {
  return <details class="fold" open={open}><summary>{title}</summary><div class="fold-body">{children}</div></details>;
}

function Main({ desk, seen, draft, item }: ItemProps): JSX.Element {
  const set = (changes: Partial<Item>): void => desk.edit((brand) => putItem(brand, { ...item, ...changes }));
  const stations = [...new Set([...stationsOf(seen), item.station ?? "kitchen"])];
  return (
    <>
      <Text label="Name" required value={item.name} onValue={(name) => set({ name })} />
      <div class="pair">
        <Price label="Price" currency={draft.menu.currency} value={item.price_minor} onValue={(price_minor) => set({ price_minor: price_minor ?? 0 })} />
        <Choose label="Category" value={item.category} options={draft.menu.categories.map((name) => [name, name])} onValue={(category) => set({ category })} />
      </div>
      <PictureField desk={desk} item={item} onPicture={(picture) => set({ picture })} />
      <Text label="Description" lines={2} most={500} value={item.description ?? ""} onValue={(description) => set({ description })} />
      <div class="pair">
        <Choose label="Kitchen station" value={item.station ?? "kitchen"} options={stations.map((name) => [name, name])} onValue={(station) => set({ station })} />
        <Choose label="Course" value={item.course ?? ""} options={[["", "comes at once"], ...COURSES.map((name) => [name, name] as const)]} onValue={(course) => set({ course })} />
        <Whole label="In stock at the start" empty="not counted" value={item.stock ?? null} onValue={(stock) => set({ stock })} />
      </div>
      <Text label="Allergens" most={200} hint="Separated by commas" value={(item.allergens ?? []).join(", ")} onValue={(text) => set({ allergens: text.split(",").map((each) => each.trimStart()).filter((each, place, all) => each !== "" || place === all.length - 1 && text.endsWith(",") && place > 0) })} />
    </>
  );
}

function Taxes({ desk, draft, item }: ItemProps): JSX.Element {
  const set = (changes: Partial<Item>): void => desk.edit((brand) => putItem(brand, { ...item, ...changes }));
  return (
    <div class="pair">
      <Rate label="Tax" value={item.tax_rate_bp ?? 0} onValue={(rate) => set({ tax_rate_bp: rate ?? 0 })} />
      <Rate label="Tax when taken away" empty="the same" value={item.takeaway_tax_rate_bp ?? null} onValue={(takeaway_tax_rate_bp) => set({ takeaway_tax_rate_bp })} />
      <Price label="Price when taken away" empty="the same" currency={draft.menu.currency} value={item.takeaway_price_minor ?? null} onValue={(takeaway_price_minor) => set({ takeaway_price_minor })} />
    </div>
  );
}

function Asks({ desk, draft, item }: ItemProps): JSX.Element {
  const groups = draft.menu.modifier_groups ?? [];
  const asked = item.modifier_groups ?? [];
  const toggle = (id: number): void => {
    const modifier_groups = asked.includes(id) ? asked.filter((each) => each !== id) : [...asked, id];
    desk.edit((brand) => putItem(brand, { ...item, modifier_groups }));
  };
  if (groups.length === 0) return <p class="soft">There are no questions yet; make one under “Questions”.</p>;
  return (
    <div class="checks">
      {groups.map((group) => (
        <label key={group.id} class="check">
          <input type="checkbox" checked={asked.includes(group.id)} onChange={() => toggle(group.id)} />
          <span>{group.name} <span class="soft">{group.options.map(({ name }) => name).join(" / ")}</span></span>
        </label>
      ))}
    </div>
  );
}

function AtVenues({ desk, seen, draft, item }: ItemProps): JSX.Element {
  return (
    <>
      {seen.venues.map((venue) => {
        const override = overrideOf(draft, venue.venue_id, item.id);
        const set = (changes: Partial<Override>): void => desk.edit((brand) => putOverride(brand, venue.venue_id, { ...override, ...changes }));
        return (
          <fieldset key={venue.venue_id} class="at-venue">
            <legend>{venue.name}</legend>
            <label class="check">
              <input type="checkbox" checked={!override.hidden} onChange={() => set({ hidden: !override.hidden })} />
              <span>Sold here</span>
            </label>
            {!override.hidden && (
              <div class="pair">
                <Price label={`Price at ${venue.name}`} empty="as everywhere" currency={draft.menu.currency} value={override.price_minor ?? null} onValue={(price_minor) => set({ price_minor })} />
                <Rate label={`Tax at ${venue.name}`} empty="as everywhere" value={override.tax_rate_bp ?? null} onValue={(tax_rate_bp) => set({ tax_rate_bp })} />
                <Choose label={`Kitchen station at ${venue.name}`} value={override.station ?? ""} options={[["", "as everywhere"], ...venue.stations.map((name) => [name, name] as const)]} onValue={(station) => set({ station: station || null })} />
              </div>
            )}
          </fieldset>
        );
      })}
    </>
  );
}
