/** Digits big enough for thumbs, for PINs and amounts. Where no field has the focus a keyboard types the same. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface KeysProps {
  value: string;
  onChange: (next: string) => void;
  /** What the key beside the zero types, for money in hundredths. */
  extra?: string;
  most?: number;
}

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function Keys({ value, onChange, extra, most = 12 }: KeysProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  /** Fingers and keyboards are quicker than the page is drawn anew. */
  const latest = useRef(value);
  latest.current = value;
  const say = (next: string): void => {
    latest.current = next;
    onChange(next);
  };
  const add = (what: string): void => say((latest.current + what).slice(0, most));
  const drop = (): void => say(latest.current.slice(0, -1));
  useEffect(() => {
    const typed = (event: KeyboardEvent): void => {
      if (!place.current || !isInFront(place.current) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^\d$/.test(event.key)) add(event.key);
      else if (event.key === "Backspace") drop();
    };
    addEventListener("keydown", typed);
    return () => removeEventListener("keydown", typed);
  });
  return (
    <div ref={place} class="keys" role="group" aria-label="Digits">
      {DIGITS.map((digit) => <button key={digit} type="button" class="key number" onClick={() => add(digit)}>{digit}</button>)}
      {extra === undefined
        ? <button type="button" class="key quiet" aria-label="Clear" onClick={() => say("")}>C</button>
        : <button type="button" class="key number" onClick={() => add(extra)}>{extra}</button>}
      <button type="button" class="key number" onClick={() => add("0")}>0</button>
      <button type="button" class="key quiet" aria-label="Delete the last digit" onClick={drop}>⌫</button>
    </div>
  );
}

/** Whether keys are what a keyboard means now: visible, under no other sheet, and no field is being typed into. */
function isInFront(place: HTMLElement): boolean {
  if (document.activeElement instanceof HTMLInputElement || !place.checkVisibility()) return false;
  const sheets = document.querySelectorAll("dialog[open]");
  const top = sheets[sheets.length - 1];
  return top ? top.contains(place) : true;
}
