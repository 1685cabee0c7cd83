/** The menu editor: one brand's menu, its views, and what stands between the draft and the venues. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Badge, count, Toast, Waiting } from "@holdfast/pages";
import { Page } from "../page";
import { addressOf } from "../place";
import { Asked, Trouble, useAsked } from "../states";
import type { SectionProps } from "../views";
import { Clashes } from "./clashes";
import { Desk, type Saving } from "./desk";
import { History } from "./history";
import { Items } from "./items";
import { Plans } from "./plans";
import { Publish } from "./publish";
import { Questions } from "./questions";
import { VenueMenus } from "./venue_menus";

interface Brand {
  brand_id: string;
  name: string;
  venues: number;
}

const VIEWS = [
  { key: "items", words: "Items", view: Items },
  { key: "questions", words: "Questions", view: Questions },
  { key: "plans", words: "Planned prices", view: Plans },
  { key: "venues", words: "Venues", view: VenueMenus },
  { key: "history", words: "History", view: History },
] as const;

export function MenuEditor({ fleet, place, now_ms }: SectionProps): JSX.Element {
  const asked = useAsked<{ brands: Brand[] }>(fleet, "/api/brands");
  return (
    <Asked of={asked} waiting="Fetching your brands…">
      {({ brands }) => {
        const brand = brands.find(({ brand_id }) => brand_id === place.more[0]) ?? brands[0];
        if (!brand) return <Page title="Menu" about="Your organisation has no brand yet."><></></Page>;
        return <OfBrand key={brand.brand_id} fleet={fleet} place={place} now_ms={now_ms} brand={brand} brands={brands} />;
      }}
    </Asked>
  );
}

function OfBrand({ fleet, place, brand, brands }: SectionProps & { brand: Brand; brands: Brand[] }): JSX.Element {
  const role = fleet.account.value?.role;
  const reach = fleet.account.value?.reach ?? null;
  const desk = useMemo(() => new Desk(fleet, brand.brand_id, role === "owner" || role === "manager", reach === null || reach.includes(brand.brand_id)), [brand.brand_id, role, reach === null]);
  useEffect(() => {
    void desk.load();
    return () => desk.close();
  }, [desk]);
  const view = VIEWS.find(({ key }) => key === place.more[1]) ?? VIEWS[0];
  const seen = desk.seen.value;
  return (
    <Page wide title="Menu" about={seen ? <Standing desk={desk} /> : brand.name} actions={seen && <Actions desk={desk} brand={brand} brands={brands} />}>
      {desk.problem.value && <Trouble words={desk.problem.value} onAgain={() => void (seen ? desk.save() : desk.load())} />}
      {seen === null || desk.draft.value === null ? !desk.problem.value && <Waiting words="Fetching the menu…" /> : (
        <>
          <nav class="tabs" aria-label="About this menu">
            {VIEWS.map(({ key, words }) => (
              <a key={key} class="tab" href={addressOf("menu", brand.brand_id, key)} aria-current={key === view.key ? "page" : undefined}>{words}</a>
            ))}
          </nav>
          <view.view desk={desk} seen={seen} draft={desk.draft.value} />
          {desk.clashes.value.length > 0 && <Clashes desk={desk} />}
        </>
      )}
      {desk.news.value && <div class="toasts"><Toast tone="good" words={desk.news.value} onClose={() => (desk.news.value = null)} /></div>}
    </Page>
  );
}

const SAVING_WORDS: Readonly<Record<Saving, string>> = {
  same: "Everything is saved.", changed: "Saving…", saving: "Saving…", clashing: "Not saved: a question is open.", waiting: "Not saved yet: the cloud does not answer.",
};

function Standing({ desk }: { desk: Desk }): JSX.Element {
  const { published_version } = desk.seen.value!;
  const waiting = desk.differences.value.length;
  return (
    <span role="status">
      {published_version === 0 ? "Not published yet. " : waiting === 0 ? `Published as version ${published_version}. ` : `${count(waiting, "change")} since version ${published_version}. `}
      {!desk.editable ? "You may look, not change." : desk.whole || published_version > 0 ? SAVING_WORDS[desk.state.value] : "Whoever runs the whole brand publishes it first."}
      {desk.editable && !desk.whole && " You say what is different at your venues."}
    </span>
  );
}

/** In a field the browser's own undo takes back what was typed there. */
const inField = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches("input, textarea, select");

function Undo({ desk }: { desk: Desk }): JSX.Element {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !inField(event.target)) {
        event.preventDefault();
        desk.undo();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [desk]);
  return <button type="button" class="button" disabled={desk.undoable.value === 0 || desk.state.value === "clashing"} onClick={() => desk.undo()}>Undo</button>;
}

function Actions({ desk, brand, brands }: { desk: Desk; brand: Brand; brands: Brand[] }): JSX.Element {
  return (
    <>
      {brands.length > 1 && (
        <select class="input select" aria-label="Brand" value={brand.brand_id} onChange={(event) => (location.hash = addressOf("menu", event.currentTarget.value))}>
          {brands.map(({ brand_id, name }) => <option key={brand_id} value={brand_id}>{name}</option>)}
        </select>
      )}
      {desk.editable && <Undo desk={desk} />}
      {desk.editable && (desk.whole || desk.seen.value!.published_version > 0) ? <Publish desk={desk} /> : <Badge>read only</Badge>}
    </>
  );
}
