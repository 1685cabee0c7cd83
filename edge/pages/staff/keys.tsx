/** Digits big enough for thumbs, for PINs and amounts; the field beside them still takes a keyboard. */
import type { JSX } from "preact";

export interface KeysProps {
  value: string;
  onChange: (next: string) => void;
  /** What the key beside the zero types, for money in hundredths. */
  extra?: string;
  most?: number;
}

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function Keys({ value, onChange, extra, most = 12 }: KeysProps): JSX.Element {
  const type = (what: string) => (): void => onChange((value + what).slice(0, most));
  return (
    <div class="keys" role="group" aria-label="Digits">
      {DIGITS.map((digit) => <button key={digit} type="button" class="key number" onClick={type(digit)}>{digit}</button>)}
      {extra === undefined
        ? <button type="button" class="key quiet" aria-label="Clear" onClick={() => onChange("")}>C</button>
        : <button type="button" class="key number" onClick={type(extra)}>{extra}</button>}
      <button type="button" class="key number" onClick={type("0")}>0</button>
      <button type="button" class="key quiet" aria-label="Delete the last digit" onClick={() => onChange(value.slice(0, -1))}>⌫</button>
    </div>
  );
}
