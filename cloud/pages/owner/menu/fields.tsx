/** Inputs that only pass on what makes sense; what does not stays in the field and is marked. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
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
  const about = useId();
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
      <input class="input number" inputMode="decimal" aria-label={label} aria-describedby={about} placeholder={empty ?? ""} aria-invalid={wrong} disabled={disabled} value={text}
        onInput={(event) => type(event.currentTarget.value)} onBlur={() => wrong || setTyped(null)} />
      <small id={about} class={wrong ? "field-error" : "soft"}>{wrong ? how.complaint : hint}</small>
    </label>
  );
}

/** More than this no menu takes (`MOST_MINOR` in `protocol/money.py`). */
const MOST_MINOR = 10 ** 12;

/** `signed`: what is added to another price may take from it as well. */
export function Price({ currency, signed = false, ...rest }: AmountProps & { currency: string; signed?: boolean }): JSX.Element {
  const read = (text: string): number | null => {
    const minor = priceOf(text, currency);
    return minor !== null && Math.abs(minor) <= MOST_MINOR && (signed || minor >= 0) ? minor : null;
  };
  const complaint = signed ? "An amount is like 1.50 or -0.50." : "A price is like 12.50, and not below zero.";
  return <Number_ {...rest} label={`${rest.label} (${currency})`} how={{ read, write: (minor) => priceText(minor, currency), complaint }} />;
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
