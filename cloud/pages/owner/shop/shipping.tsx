/** How a venue's things get to people: collected, or sent to zones of countries at prices that rise with the weight. */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { minorDigits, toMajor } from "@holdfast/protocol";
import { Empty } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import type { Venue } from "../figures";
import { Card, Page } from "../page";
import { addressOf } from "../place";
import { Asked, useAsked } from "../states";
import { minorOf } from "./give_back";
import type { Rules, Zone } from "./shapes";

interface RulesAnswer {
  version: number;
  rules: Rules;
}

export function Shipping({ fleet, venue_id }: { fleet: Fleet; venue_id: string }): JSX.Element {
  const venues = fleet.sorted.value;
  const venue = venues.find((each) => each.venue_id === venue_id) ?? venues[0];
  return (
    <>
      <p class="shop-back"><a class="back" href={addressOf("shop")}>‹ All orders</a></p>
      <Page title="Shipping" about="Orders that were made keep their price." actions={venues.length > 1 && (
        <select class="input select" aria-label="Venue" value={venue?.venue_id} onChange={(event) => (location.hash = addressOf("shop", "shipping", event.currentTarget.value))}>
          {venues.map((each) => <option key={each.venue_id} value={each.venue_id}>{each.name}</option>)}
        </select>
      )}>
        {venue ? <OfVenue key={venue.venue_id} fleet={fleet} venue={venue} /> : <Empty title="No venue yet" />}
      </Page>
    </>
  );
}

function OfVenue({ fleet, venue }: { fleet: Fleet; venue: Venue }): JSX.Element {
  const asked = useAsked<RulesAnswer>(fleet, `/api/venues/${encodeURIComponent(venue.venue_id)}/shipping`);
  return <Asked of={asked} waiting="Fetching the rules…">{(body) => <Editor key={body.version} fleet={fleet} venue={venue} asked={body} onChange={asked.again} />}</Asked>;
}

/** A zone as it is typed. */
interface Draft {
  name: string;
  countries: string;
  takes: string;
  free_from: string;
  bulky: string;
  steps: { kilograms: string; price: string }[];
}

const EMPTY: Draft = { name: "", countries: "", takes: "", free_from: "", bulky: "", steps: [{ kilograms: "1", price: "" }] };

function draftOf(zone: Zone, currency: string): Draft {
  const major = (minor: number): string => toMajor(minor, currency).toFixed(minorDigits(currency));
  return {
    name: zone.name,
    countries: zone.countries.join(" "),
    takes: zone.takes,
    free_from: zone.free_from_minor === null ? "" : major(zone.free_from_minor),
    bulky: zone.bulky_minor ? major(zone.bulky_minor) : "",
    steps: zone.steps.map((step) => ({ kilograms: String(step.up_to_g / 1000), price: major(step.price_minor) })),
  };
}

function zoneOf(draft: Draft, currency: string): Zone {
  const grams = (text: string): number => Math.round(Number(text.replace(",", ".")) * 1000);
  return {
    name: draft.name.trim(),
    countries: draft.countries.toUpperCase().split(/[\s,;]+/).filter(Boolean),
    takes: draft.takes.trim(),
    free_from_minor: draft.free_from.trim() === "" ? null : minorOf(draft.free_from, currency),
    bulky_minor: draft.bulky.trim() === "" ? 0 : (minorOf(draft.bulky, currency) ?? -1),
    steps: draft.steps.map((step) => ({ up_to_g: grams(step.kilograms), price_minor: minorOf(step.price, currency) ?? -1 })),
  };
}

interface EditorProps {
  fleet: Fleet;
  venue: Venue;
  asked: RulesAnswer;
  onChange: () => void;
}

function Editor({ fleet, venue, asked, onChange }: EditorProps): JSX.Element {
  const { rules, version } = asked;
  const collect = useSignal(rules.collect);
  const zones = useSignal<Draft[]>(rules.zones.map((zone) => draftOf(zone, venue.currency)));
  const packaging = useSignal(String(rules.packaging_g));
  const tax = useSignal(String(rules.tax_rate_bp / 100));
  const sender = useSignal(rules.sender);
  const saved = useSignal(false);
  const act = useAct();
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const body: Rules = {
        collect: collect.value,
        zones: zones.value.map((zone) => zoneOf(zone, venue.currency)),
        packaging_g: Math.round(Number(packaging.value)),
        tax_rate_bp: Math.round(Number(tax.value.replace(",", ".")) * 100),
        sender: sender.value.trim(),
      };
      await fleet.ask("PUT", `/api/venues/${encodeURIComponent(venue.venue_id)}/shipping`, { version, rules: body });
      saved.value = true;
      onChange();
    });
  };
  return (
    <form class="wide-form shop-rules" onSubmit={save}>
      <Card title="At the venue">
        <label class="check"><input type="checkbox" checked={collect.value} onChange={(event) => (collect.value = event.currentTarget.checked)} /><span>Guests may collect at {venue.name}</span></label>
      </Card>
      {zones.value.map((zone, place) => <ZoneFields key={place} zone={zone} place={place} zones={zones} currency={venue.currency} />)}
      <button type="button" class="button" onClick={() => (zones.value = [...zones.value, EMPTY])}>Add a zone</button>
      <Card title="Every parcel">
        <div class="pair">
          <label class="field"><span>Packaging weighs (g)</span><input class="input" inputMode="numeric" pattern="[0-9]+" required value={packaging.value} onInput={(event) => (packaging.value = event.currentTarget.value)} /></label>
          <label class="field"><span>Tax on shipping (%)</span><input class="input" inputMode="decimal" required value={tax.value} onInput={(event) => (tax.value = event.currentTarget.value)} /></label>
        </div>
        <label class="field"><span>Sender on papers</span><textarea class="input" rows={3} maxLength={300} value={sender.value} onInput={(event) => (sender.value = event.currentTarget.value)} /></label>
      </Card>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {saved.value && <p class="good-news" role="status">Saved.</p>}
      <button type="submit" class="button go wide" disabled={act.busy}>Save</button>
    </form>
  );
}

function ZoneFields({ zone, place, zones, currency }: { zone: Draft; place: number; zones: Signal<Draft[]>; currency: string }): JSX.Element {
  const set = (change: Partial<Draft>): void => void (zones.value = zones.value.map((each, at) => (at === place ? { ...each, ...change } : each)));
  const step = (at: number, change: Partial<Draft["steps"][number]>): void => set({ steps: zone.steps.map((each, here) => (here === at ? { ...each, ...change } : each)) });
  return (
    <Card title={zone.name || "New zone"} actions={<button type="button" class="button small" onClick={() => (zones.value = zones.value.filter((_, at) => at !== place))}>Remove</button>}>
      <div class="pair">
        <label class="field"><span>Name</span><input class="input" required maxLength={60} value={zone.name} onInput={(event) => set({ name: event.currentTarget.value })} /></label>
        <label class="field"><span>Takes (in your words)</span><input class="input" maxLength={40} placeholder="2 to 4 days" value={zone.takes} onInput={(event) => set({ takes: event.currentTarget.value })} /></label>
      </div>
      <label class="field"><span>Countries, by their two letters; * is everywhere else</span><input class="input" required placeholder="DE AT CH" value={zone.countries} onInput={(event) => set({ countries: event.currentTarget.value })} /></label>
      {zone.steps.map((each, at) => (
        <div key={at} class="pair">
          <label class="field"><span>Up to (kg)</span><input class="input" inputMode="decimal" required value={each.kilograms} onInput={(event) => step(at, { kilograms: event.currentTarget.value })} /></label>
          <label class="field"><span>Costs ({currency})</span><input class="input" inputMode="decimal" required value={each.price} onInput={(event) => step(at, { price: event.currentTarget.value })} /></label>
        </div>
      ))}
      <div class="page-actions">
        <button type="button" class="button small" onClick={() => set({ steps: [...zone.steps, { kilograms: "", price: "" }] })}>Add a weight</button>
        {zone.steps.length > 1 && <button type="button" class="button small" onClick={() => set({ steps: zone.steps.slice(0, -1) })}>Remove the last</button>}
      </div>
      <div class="pair">
        <label class="field"><span>Free from an order of ({currency}), optional</span><input class="input" inputMode="decimal" value={zone.free_from} onInput={(event) => set({ free_from: event.currentTarget.value })} /></label>
        <label class="field"><span>A bulky piece costs more ({currency}), optional</span><input class="input" inputMode="decimal" value={zone.bulky} onInput={(event) => set({ bulky: event.currentTarget.value })} /></label>
      </div>
    </Card>
  );
}
