/** Parts that the staff's sheets share: a head with its one button, chips to choose one of, amounts as they are typed. */
import type { ComponentChildren, JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";

export interface Choice<T> {
  value: T;
  words: ComponentChildren;
  disabled?: boolean;
}

/** One of a few, each a tap. */
export function Choices<T extends string | number | boolean | null>(props: {
  label: string;
  choices: readonly Choice<T>[];
  value: T;
  onChoose: (value: T) => void;
}): JSX.Element {
  return (
    <div class="choices" role="group" aria-label={props.label}>
      {props.choices.map((each) => (
        <button key={String(each.value)} type="button" class="chip" aria-pressed={each.value === props.value} disabled={each.disabled} onClick={() => props.onChoose(each.value)}>
          {each.words}
        </button>
      ))}
    </div>
  );
}

/** What somebody typed as digits, the last of them being the smallest coin. */
export const minorOf = (digits: string): number => Number.parseInt(digits || "0", 10);

export function AmountShown({ minor, currency, label }: { minor: number; currency: string; label: string }): JSX.Element {
  return <p class="amount" aria-live="polite"><span>{label}</span><strong class="number">{formatMoney(minor, currency)}</strong></p>;
}
