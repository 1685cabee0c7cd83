/** Where a parcel goes, in fields that browsers can fill in by themselves. */
import type { JSX } from "preact";
import { Field, type Typed } from "./field";
import { countryName } from "./words";

export interface AddressFieldsProps {
  typed: Typed;
  countries: string[];
  takes: string;
  onChange: (change: Partial<Typed>) => void;
}

export function AddressFields({ typed, countries, takes, onChange }: AddressFieldsProps): JSX.Element {
  const sorted = [...countries].sort((a, b) => countryName(a).localeCompare(countryName(b)));
  return (
    <div class="address">
      <Field words="Street and number"><input class="input" required maxLength={100} autocomplete="address-line1" value={typed.street} onInput={(event) => onChange({ street: event.currentTarget.value })} /></Field>
      <Field words="Company, floor, c/o (optional)"><input class="input" maxLength={100} autocomplete="address-line2" value={typed.more} onInput={(event) => onChange({ more: event.currentTarget.value })} /></Field>
      <div class="town">
        <Field words="Postcode"><input class="input" required maxLength={12} autocomplete="postal-code" value={typed.postal_code} onInput={(event) => onChange({ postal_code: event.currentTarget.value })} /></Field>
        <Field words="Town"><input class="input" required maxLength={100} autocomplete="address-level2" value={typed.city} onInput={(event) => onChange({ city: event.currentTarget.value })} /></Field>
      </div>
      <Field words="Country">
        <select class="input" autocomplete="country" value={typed.country} onChange={(event) => onChange({ country: event.currentTarget.value })}>
          {sorted.map((code) => <option key={code} value={code}>{countryName(code)}</option>)}
        </select>
      </Field>
      {takes && <p class="soft small">Takes {takes}.</p>}
    </div>
  );
}
