/**
 * A field for a day, which tells of days only: what is half typed, or has a year of one digit or of six, is left to whoever types.
 *
 * Rule of the file: what is drawn anew meanwhile takes nothing from under the fingers. Left as no day, it shows the chosen
 * one again; in a form it stays, and the form refuses it. Counterpart: `days.ts`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { FIRST_DAY, LAST_DAY } from "./days";

interface DayFieldProps {
  /** The chosen day. */
  value: string;
  onDay: (date: string) => void;
  name?: string;
  "aria-label"?: string;
}

export function DayField({ value, onDay, ...names }: DayFieldProps): JSX.Element {
  const typed = useSignal<string | null>(null);
  useEffect(() => void (typed.value = null), [value]);
  const change = ({ currentTarget: field }: { currentTarget: HTMLInputElement }): void => {
    typed.value = field.validity.valid ? null : field.value;
    if (field.validity.valid && field.value !== value) onDay(field.value);
  };
  const leave = ({ currentTarget: field }: { currentTarget: HTMLInputElement }): void => {
    if (field.form === null) typed.value = null;
  };
  return <input class="input" type="date" required min={FIRST_DAY} max={LAST_DAY} value={typed.value ?? value} onChange={change} onBlur={leave} {...names} />;
}
