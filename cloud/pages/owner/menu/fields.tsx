/** Inputs that only pass on what makes sense; what does not stays in the field and is marked. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { priceOf, priceText, rateOf, rateText } from "./amounts";

interface Common {
  label: string;
  disabled?: boolean;
  hint?: ComponentChildren;
}

export interface TextProps extends Common {
  value: string;
  most?: number;
  required?: boolean;
  lines?: number;
  onValue: (value: string) => void;
}

export function Text({ label, value, most = 80, required = false, lines = 1, hint, disabled = false, onValue }: TextProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      {lines > 1
        ? <textarea class="input" rows={lines} maxLength={most} disabled={disabled} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
        : <input class="input" maxLength={most} required={required} aria-invalid={required && value.trim() === ""} disabled={disabled} value={value} onInput={(event) => onValue(event.currentTarget.value)} />}
      {hint && <small class="soft">{hint}</small>}
    </label>
  );
}

export interface AmountProps extends Common {
  value: number | null;
  /** Null where it may not be empty. */
  empty?: string | null;
  onValue: (value: number | null) => void;
}

interface Reading {
  read: (text: string) => number | null;
  write: (value: number) => string;
  complaint: string;
}

function Number_({ label, value, empty = null, hint, disabled = false, onValue, how }: AmountProps & { how: Reading }): JSX.Element {
  const shown = value === null ? "" : how.write(value);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? shown;
  const wrong = text.trim() === "" ? empty === null : how.read(text) === null;
  const type = (next: string): void => {
    setTyped(next);
    const found = next.trim() === "" ? null : how.read(next);
    if (found !== null || (next.trim() === "" && empty !== null)) onValue(found);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input class="input number" inputMode="decimal" placeholder={empty ?? ""} aria-invalid={wrong} disabled={disabled} value={text}
        onInput={(event) => type(event.currentTarget.value)} onBlur={() => wrong || setTyped(null)} />
      {wrong ? <small class="field-error">{how.complaint}</small> : hint && <small class="soft">{hint}</small>}
    </label>
  );
}

export function Price({ currency, ...rest }: AmountProps & { currency: string }): JSX.Element {
  const how: Reading = { read: (text) => priceOf(text, currency), write: (minor) => priceText(minor, currency), complaint: "A price is like 12.50." };
  return <Number_ {...rest} label={`${rest.label} (${currency})`} how={how} />;
}

export function Rate(props: AmountProps): JSX.Element {
  const between = (text: string): number | null => {
    const rate = rateOf(text);
    return rate !== null && rate >= 0 && rate <= 10_000 ? rate : null;
  };
  return <Number_ {...props} label={`${props.label} (%)`} how={{ read: between, write: rateText, complaint: "A percentage is like 19 or 8.1." }} />;
}

export function Whole(props: AmountProps): JSX.Element {
  const read = (text: string): number | null => (/^\d{1,7}$/.test(text.trim()) ? Number(text) : null);
  return <Number_ {...props} how={{ read, write: String, complaint: "A whole number is needed." }} />;
}

export interface ChooseProps extends Common {
  value: string;
  options: readonly (readonly [value: string, words: string])[];
  onValue: (value: string) => void;
}

export function Choose({ label, value, options, disabled = false, onValue }: ChooseProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select class="input" disabled={disabled} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([key, words]) => <option key={key} value={key}>{words}</option>)}
      </select>
    </label>
  );
}
