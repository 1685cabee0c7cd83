/** Less, how many, more. At one, less takes the line out. */
import type { JSX } from "preact";

export const MOST_OF_A_LINE = 99;

export interface StepperProps {
  name: string;
  qty: number;
  onChange: (qty: number) => void;
  disabled?: boolean;
  least?: number;
  title?: string | undefined;
}

export function Stepper({ name, qty, onChange, disabled = false, least = 0, title }: StepperProps): JSX.Element {
  return (
    <span class="stepper" role="group" aria-label={`Quantity of ${name}`} title={title}>
      <button
        type="button" aria-label={qty === 1 && least === 0 ? `Remove ${name}` : `One less ${name}`}
        disabled={disabled || qty <= least} onClick={() => onChange(qty - 1)}
      >−</button>
      <output class="number" aria-live="polite">{qty}</output>
      <button type="button" aria-label={`One more ${name}`} disabled={disabled || qty >= MOST_OF_A_LINE} onClick={() => onChange(qty + 1)}>+</button>
    </span>
  );
}
