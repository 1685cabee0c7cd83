/** House rules of one venue that are a number: saved as a whole, at the venue as soon as it hears of them. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { useAct } from "../act";
import { priceOf, priceText } from "../menu/amounts";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";
import { BookingRules } from "./bookings";
import { BusinessDay } from "./business_day";

interface Rules {
  wallet_credit_cap_minor: number;
  price_hold_minutes: number;
  currency: string;
  tables: { code: string; name: string }[];
}

const MOST_HOLD_MINUTES = 1440;

export function VenueRules({ fleet, venue }: VenueProps): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/rules`;
  const asked = useAsked<Rules>(fleet, path);
  return (
    <Asked of={asked} waiting="Fetching the house rules…">
      {(rules) => (
        <>
          <Form fleet={fleet} path={path} rules={rules} away={venue.link !== "live"} onSaved={asked.again} />
          <BookingRules fleet={fleet} venue={venue} />
          <BusinessDay fleet={fleet} venue={venue} />
          <Addresses venue_id={venue.venue_id} tables={rules.tables} />
        </>
      )}
    </Asked>
  );
}

interface FormProps {
  fleet: VenueProps["fleet"];
  path: string;
  rules: Rules;
  away: boolean;
  onSaved: () => void;
}

function Form({ fleet, path, rules, away, onSaved }: FormProps): JSX.Element {
  const { currency } = rules;
  const role = fleet.account.value?.role;
  const may = role === "owner" || role === "manager";
  const cap = useSignal(priceText(rules.wallet_credit_cap_minor, currency));
  const hold = useSignal(rules.price_hold_minutes);
  const saved = useSignal(false);
  const act = useAct();
  useEffect(() => void (cap.value = priceText(rules.wallet_credit_cap_minor, currency)), [rules.wallet_credit_cap_minor]);
  const cap_minor = priceOf(cap.value, currency);
  const fits = cap_minor !== null && cap_minor >= 0;
  const hold_fits = Number.isInteger(hold.value) && hold.value >= 0 && hold.value <= MOST_HOLD_MINUTES;
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", path, { wallet_credit_cap_minor: cap_minor, price_hold_minutes: hold.value });
      saved.value = true;
      onSaved();
    });
  };
  return (
    <Card title="House rules" about={away ? "The venue is offline; a change arrives there when it is back." : "A change is at the venue within a second."}>
      <form class="form wide-form" onSubmit={save} onInput={() => (saved.value = false)}>
        <label class="field">
          <span>Guests' balances without internet: the venue stands in for up to ({currency})</span>
          <input class="input number" inputMode="decimal" autocomplete="off" disabled={!may} value={cap.value} aria-invalid={!fits} aria-describedby="cap-means" onInput={(event) => (cap.value = event.currentTarget.value)} />
          <small id="cap-means" class={fits ? "soft" : "field-error"}>
            {fits
              ? cap_minor === 0
                ? "Nothing: a balance is spent as far as it goes. That is the safe choice."
                : "So much may all guests together owe the venue. The staff is shown the amount and has to agree. What a guest's wallet does not cover in the end is the venue's own loss."
              : "An amount of 0 or more, please."}
          </small>
        </label>
        <label class="field">
          <span>A price in a cart is held for (minutes)</span>
          <input class="input number" type="number" inputMode="numeric" min={0} max={MOST_HOLD_MINUTES} disabled={!may} value={hold.value} aria-invalid={!hold_fits} aria-describedby="hold-means" onInput={(event) => (hold.value = event.currentTarget.valueAsNumber)} />
          <small id="hold-means" class={hold_fits ? "soft" : "field-error"}>
            {hold_fits
              ? hold.value === 0
                ? "Until the order: what a guest saw is what the guest pays."
                : "Where the menu has another price by then, the guest is shown it and has to agree. No price changes by itself."
              : `Whole minutes, ${MOST_HOLD_MINUTES} at the most.`}
          </small>
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        {may && (
          <div class="page-actions">
            <button type="submit" class="button go" disabled={act.busy || !fits || !hold_fits}>{act.busy ? "Saving…" : "Save"}</button>
            <span class="good-news" role="status">{saved.value ? "Saved." : ""}</span>
          </div>
        )}
      </form>
    </Card>
  );
}

/** Where guests order who are not on the venue's Wi-Fi: for a card on the table, a message, a page of the venue's own. */
function Addresses({ venue_id, tables }: { venue_id: string; tables: Rules["tables"] }): JSX.Element {
  return (
    <Card title="Tables from anywhere" about="For guests on mobile data. While the venue has no internet their orders wait for its staff.">
      <ul class="rows">{tables.map(({ code, name }) => (
        <li class="row" key={code}>
          <span class="row-words"><strong>{name}</strong><span class="soft">{`${location.origin}/v/${venue_id}/t/${code}`}</span></span>
          <a class="button small" href={`/v/${venue_id}/t/${encodeURIComponent(code)}`} target="_blank" rel="noreferrer">Open</a>
        </li>
      ))}</ul>
    </Card>
  );
}
