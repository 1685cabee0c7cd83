/**
 * The order form: how many, how it gets to whom, what it costs, and off to the payment page.
 *
 * What was typed is kept in this browser until it was ordered, so a reload or a dead battery costs nothing. The price is the
 * cloud's own, asked again at every change that matters; nothing is added up here.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { keep, recall } from "@holdfast/pages";
import { AddressFields } from "./address";
import { Shown, useAct, useFound } from "./asked";
import { go, type Buyer, type Counter } from "./counter";
import { Picture } from "./picture";
import type { Delivery, Quote, Wanted } from "./shapes";
import { Field, type Typed } from "./field";
import { Sums } from "./sums";
import { COUNTRIES } from "./words";

const NOTHING: Typed = { name: "", email: "", note: "", collects: false, street: "", more: "", postal_code: "", city: "", region: "", country: "" };
const MOST = 100;

export function Form({ counter, designs }: { counter: Counter; designs: string[] }): JSX.Element {
  const found = useFound<Delivery>("delivery", counter.delivery);
  return (
    <>
      <h1>Your order</h1>
      <Shown of={found} waiting="One moment…">{(delivery) => <Filled counter={counter} designs={designs} delivery={delivery} />}</Shown>
    </>
  );
}

/** Every country that some zone names; all of them where one zone is for everywhere else. */
export function countriesOf(delivery: Delivery): string[] {
  const named = delivery.destinations.flatMap((zone) => zone.countries);
  return named.includes("*") ? [...COUNTRIES] : [...new Set(named)];
}

function guessed(countries: string[]): string {
  const own = new Intl.Locale(navigator.language).maximize().region ?? "";
  return countries.includes(own) ? own : countries[0] ?? "";
}

function Filled({ counter, designs, delivery }: { counter: Counter; designs: string[]; delivery: Delivery }): JSX.Element {
  const countries = countriesOf(delivery);
  const typed = useSignal<Typed>(remembered(delivery, countries));
  const amounts = useSignal<number[]>(designs.map(() => 1));
  const act = useAct();
  const { collects, country } = typed.value;
  const lines: Wanted[] = designs.map((design_id, place) => ({ design_id, quantity: amounts.value[place] ?? 1 }));
  const quote = useFound<Quote>(JSON.stringify([lines, collects || country]), () => counter.quote(lines, collects ? null : country));
  useEffect(() => keep("shop.typed", typed.value), [typed.value]);
  const set = (change: Partial<Typed>): void => void (typed.value = { ...typed.value, ...change });
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const order = await counter.draft(lines, buyerOf(typed.value));
      history.replaceState(null, "", `#order/${order.order_id}`);
      await counter.pay(order.order_id).catch((error: unknown) => {
        go("order", order.order_id);
        counter.place.value = ["order", order.order_id];
        throw error;
      });
    });
  };
  return (
    <form class="order-form" onSubmit={submit}>
      <ul class="things">
        {designs.map((design_id, place) => (
          <li key={design_id} class="thing">
            <Picture counter={counter} design_id={design_id} alt="Your design" named />
            <Amount value={amounts.value[place] ?? 1} onChange={(value) => (amounts.value = amounts.value.map((each, at) => (at === place ? value : each)))} />
          </li>
        ))}
      </ul>
      <section class="panel" aria-label="How you get it">
        <h2>How you get it</h2>
        <div class="ways">
          {delivery.collect && <Way words={`Collect at ${delivery.venue}`} checked={collects} onChoose={() => set({ collects: true })} />}
          {countries.length > 0 && <Way words="Have it sent" checked={!collects} onChoose={() => set({ collects: false })} />}
        </div>
        {!collects && <AddressFields typed={typed.value} countries={countries} takes={takesOf(delivery, country)} onChange={set} />}
      </section>
      <section class="panel" aria-label="About you">
        <h2>About you</h2>
        <Field words="Name"><input class="input" required maxLength={80} autocomplete="name" value={typed.value.name} onInput={(event) => set({ name: event.currentTarget.value })} /></Field>
        <Field words="E-mail, for news of your order"><input class="input" type="email" required maxLength={254} autocomplete="email" value={typed.value.email} onInput={(event) => set({ email: event.currentTarget.value })} /></Field>
        <Field words="Note to whoever makes it (optional)"><input class="input" maxLength={280} value={typed.value.note} onInput={(event) => set({ note: event.currentTarget.value })} /></Field>
      </section>
      <section class="panel" aria-label="What it costs" aria-live="polite">
        <Shown of={quote} waiting="Working out the price…">{(price) => <Sums price={price} ships={!collects} />}</Shown>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy || quote.body === null}>
          {act.busy ? "One moment…" : quote.body === null ? "Pay" : `Pay ${formatMoney(quote.body.total_minor, quote.body.currency)}`}
        </button>
        <p class="soft small">You pay on a page of our payment provider. We never see your card.</p>
      </section>
    </form>
  );
}

function remembered(delivery: Delivery, countries: string[]): Typed {
  const before = { ...NOTHING, ...recall<Partial<Typed>>("shop.typed") };
  const ships = countries.length > 0;
  return {
    ...before,
    collects: delivery.collect && (before.collects || !ships),
    country: countries.includes(before.country) ? before.country : guessed(countries),
  };
}

function buyerOf(typed: Typed): Buyer {
  const { name, email, note, collects, street, more, postal_code, city, region, country } = typed;
  const address = collects ? null : { street: street.trim(), more: more.trim(), postal_code: postal_code.trim(), city: city.trim(), region: region.trim(), country };
  return { name: name.trim(), email: email.trim(), note: note.trim(), address };
}

const takesOf = (delivery: Delivery, country: string): string =>
  (delivery.destinations.find((zone) => zone.countries.includes(country)) ?? delivery.destinations.find((zone) => zone.countries.includes("*")))?.takes ?? "";

function Way({ words, checked, onChoose }: { words: string; checked: boolean; onChoose: () => void }): JSX.Element {
  return (
    <label class="way" data-checked={checked}>
      <input type="radio" name="way" checked={checked} onChange={onChoose} />
      <span>{words}</span>
    </label>
  );
}

function Amount({ value, onChange }: { value: number; onChange: (value: number) => void }): JSX.Element {
  const within = (wanted: number): number => Math.min(MOST, Math.max(1, wanted));
  return (
    <div class="amount" role="group" aria-label="How many">
      <button type="button" class="amount-step" aria-label="One less" disabled={value <= 1} onClick={() => onChange(within(value - 1))}>−</button>
      <output class="amount-value number" aria-live="polite">{value}</output>
      <button type="button" class="amount-step" aria-label="One more" disabled={value >= MOST} onClick={() => onChange(within(value + 1))}>+</button>
    </div>
  );
}
