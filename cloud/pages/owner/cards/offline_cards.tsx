/** Cards that a venue's own terminal stores in an outage: whether the owner takes that risk, and how much of it. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, span } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { priceOf, priceText } from "../menu/amounts";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";

interface Rules { allowed: boolean; most_minor: number; most_unsent_minor: number; most_hours: number }
interface OfflineCards { rules: Partial<Rules>; unsent: { unsent: number; unsent_minor: number; cut_off_s: number }; currency: string }

const FIRST: Rules = { allowed: false, most_minor: 5_000, most_unsent_minor: 50_000, most_hours: 24 };

export function VenueCards({ fleet, venue }: VenueProps): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/offline_cards`;
  const asked = useAsked<OfflineCards>(fleet, path);
  const live = venue.link === "live" ? "A change is at the venue within a second." : "The venue is offline; a change arrives there when it is back.";
  return (
    <Asked of={asked} waiting="Fetching the rules…">
      {(found) => (
        <Card title="Cards in an outage" about={live}>
          <Standing found={found} />
          <Form key={JSON.stringify(found.rules)} fleet={fleet} path={path} rules={{ ...FIRST, ...found.rules }} currency={found.currency} onDone={asked.again} />
        </Card>
      )}
    </Asked>
  );
}

function Standing({ found: { unsent, currency } }: { found: OfflineCards }): JSX.Element {
  if (unsent.unsent === 0) return <p><Badge tone="good">Nothing is stored and not sent</Badge></p>;
  const away = unsent.cut_off_s > 0 ? `, ${span(unsent.cut_off_s)} into an outage` : "";
  return <p><Badge tone="warn">{unsent.unsent} not sent</Badge> <strong class="number">{formatMoney(unsent.unsent_minor, currency)}</strong> <span class="soft">as last told{away}</span></p>;
}

interface FormProps { fleet: Fleet; path: string; rules: Rules; currency: string; onDone: () => void }

function Form({ fleet, path, rules, currency, onDone }: FormProps): JSX.Element {
  const mayChange = fleet.account.value?.role === "owner";
  const allowed = useSignal(rules.allowed);
  const most = useSignal(priceText(rules.most_minor, currency));
  const all = useSignal(priceText(rules.most_unsent_minor, currency));
  const hours = useSignal(String(rules.most_hours));
  const saved = useSignal(false);
  const act = useAct();
  const wanted = { allowed: allowed.value, most_minor: priceOf(most.value, currency), most_unsent_minor: priceOf(all.value, currency), most_hours: Number.parseInt(hours.value, 10) };
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", path, wanted);
      saved.value = true;
      onDone();
    });
  };
  const ready = wanted.most_minor !== null && wanted.most_unsent_minor !== null && wanted.most_hours >= 1;
  return (
    <form class="form" onSubmit={submit}>
      <label class="check"><input type="checkbox" name="allowed" checked={allowed.value} disabled={!mayChange} onChange={(event) => (allowed.value = event.currentTarget.checked)} /> <span>Take cards that only the terminal knows of while there is no internet</span></label>
      <p class="soft">The terminal stores them and sends them later. One that is declined then is your loss unless the guest comes back. Beyond these limits a manager has to answer for each, with a PIN and a reason.</p>
      <Amount label={`At most for one payment (${currency})`} name="most" value={most.value} disabled={!mayChange || !allowed.value} onInput={(next) => (most.value = next)} />
      <Amount label={`At most for all that is not sent (${currency})`} name="all" value={all.value} disabled={!mayChange || !allowed.value} onInput={(next) => (all.value = next)} />
      <Amount label="Only in the first hours of an outage" name="hours" value={hours.value} disabled={!mayChange || !allowed.value} onInput={(next) => (hours.value = next)} />
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {saved.value && !act.busy && <p role="status"><Badge tone="good">Saved</Badge></p>}
      {mayChange ? <button type="submit" class="button go wide" disabled={act.busy || !ready}>{act.busy ? "Saving…" : "Save"}</button> : <p class="soft">Only an owner can change this.</p>}
    </form>
  );
}

function Amount({ label, name, value, disabled, onInput }: { label: string; name: string; value: string; disabled: boolean; onInput: (value: string) => void }): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input class="input" name={name} inputMode="decimal" autocomplete="off" value={value} disabled={disabled} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}
