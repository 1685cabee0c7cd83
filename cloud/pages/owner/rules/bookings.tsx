/** House rules for bookings of stations: what a guest leaves here, until when it goes back, how long somebody waits. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { useAct } from "../act";
import { priceOf, priceText } from "../menu/amounts";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";

interface Rules {
  deposit_minor: number;
  free_cancel_hours: number;
  grace_minutes: number;
  hold_minutes: number;
  ahead_days: number;
  most_minutes: number;
  currency: string;
}

type Count = Exclude<keyof Rules, "deposit_minor" | "currency">;

const COUNTS: readonly { name: Count; words: string; least: number; most: number }[] = [
  { name: "free_cancel_hours", words: "It goes back until so many hours before", least: 0, most: 720 },
  { name: "grace_minutes", words: "A guest is waited for (minutes)", least: 5, most: 1440 },
  { name: "hold_minutes", words: "Without a deposit a station is held for (minutes)", least: 5, most: 1440 },
  { name: "ahead_days", words: "Nobody books further ahead than (days)", least: 1, most: 730 },
  { name: "most_minutes", words: "Nobody books longer than (minutes)", least: 15, most: 1440 },
];

export function BookingRules({ fleet, venue }: Pick<VenueProps, "fleet" | "venue">): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/booking_rules`;
  const asked = useAsked<Rules>(fleet, path);
  return (
    <Asked of={asked} waiting="Fetching the rules for bookings…">
      {(rules) => <Form key={JSON.stringify(rules)} fleet={fleet} path={path} rules={rules} onSaved={asked.again} />}
    </Asked>
  );
}

function Form({ fleet, path, rules, onSaved }: { fleet: VenueProps["fleet"]; path: string; rules: Rules; onSaved: () => void }): JSX.Element {
  const role = fleet.account.value?.role;
  const may = role === "owner" || role === "manager";
  const deposit = useSignal(priceText(rules.deposit_minor, rules.currency));
  const counts = useSignal<Record<Count, number>>(rules);
  const saved = useSignal(false);
  const act = useAct();
  const deposit_minor = priceOf(deposit.value, rules.currency);
  const fits = ({ name, least, most }: (typeof COUNTS)[number]): boolean => Number.isInteger(counts.value[name]) && counts.value[name] >= least && counts.value[name] <= most;
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", path, { ...Object.fromEntries(COUNTS.map(({ name }) => [name, counts.value[name]])), deposit_minor });
      saved.value = true;
      onSaved();
    });
  };
  return (
    <Card title="Bookings of stations" about="What is booked already keeps the rules it was made under.">
      <form class="form wide-form" onSubmit={save} onInput={() => (saved.value = false)}>
        <label class="field">
          <span>Deposit ({rules.currency})</span>
          <input class="input number" name="deposit" inputMode="decimal" autocomplete="off" disabled={!may} value={deposit.value} aria-invalid={deposit_minor === null} aria-describedby="deposit-means" onInput={(event) => (deposit.value = event.currentTarget.value)} />
          <small id="deposit-means" class="soft">0 asks for none. Never more than the booked time costs. It stays the guest's until they play, cancel too late or do not come.</small>
        </label>
        {COUNTS.map((each) => (
          <label key={each.name} class="field">
            <span>{each.words}</span>
            <input class="input number" name={each.name} type="number" inputMode="numeric" min={each.least} max={each.most} disabled={!may} value={counts.value[each.name]} aria-invalid={!fits(each)} onInput={(event) => (counts.value = { ...counts.value, [each.name]: event.currentTarget.valueAsNumber })} />
            {!fits(each) && <small class="field-error">{each.least} to {each.most}, please.</small>}
          </label>
        ))}
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        {may && (
          <div class="page-actions">
            <button type="submit" class="button go" disabled={act.busy || deposit_minor === null || !COUNTS.every(fits)}>{act.busy ? "Saving…" : "Save rules for bookings"}</button>
            <span class="good-news" role="status">{saved.value ? "Saved." : ""}</span>
          </div>
        )}
      </form>
    </Card>
  );
}
