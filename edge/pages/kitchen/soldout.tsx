/**
 * What the kitchen is out of: every dish with a switch, the ones that are off first.
 *
 * Rule of the file: a dish is shown as off only once the box says so. Counterpart: `dishes.ts`.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { MenuItem } from "@holdfast/protocol";
import { Sheet, Waiting } from "@holdfast/pages";
import { Dishes } from "./dishes";

interface SoldOutProps {
  token: string;
  onClose: () => void;
}

export function SoldOut({ token, onClose }: SoldOutProps): JSX.Element {
  const dishes = useMemo(() => new Dishes(token), [token]);
  const wanted = useSignal("");
  useEffect(() => {
    dishes.look();
    return () => dishes.drop();
  }, [dishes]);

  return (
    <Sheet label="Sold out" onClose={onClose}>
      <h2>Sold out</h2>
      <input class="input" type="search" placeholder="Find a dish" aria-label="Find a dish" value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)} />
      {dishes.problem.value && <p class="field-error" role="alert">{dishes.problem.value}</p>}
      {dishes.all.value === null
        ? <Waiting words="Fetching the menu…" />
        : (
          <ul class="dishes">
            {found(dishes.all.value, wanted.value).map((dish) => (
              <li key={dish.id}>
                <span>{dish.name}</span>
                <button type="button" role="switch" class="step small" aria-checked={dish.sold_out} aria-label={`${dish.name} sold out`}
                  data-off={dish.sold_out} disabled={dishes.busy.value.has(dish.id)} onClick={() => void dishes.turn(dish)}>
                  {dish.sold_out ? "Sold out" : "On sale"}
                </button>
              </li>
            ))}
          </ul>
        )}
    </Sheet>
  );
}

/** Dishes whose name holds what was typed; what is off comes first. */
function found(dishes: MenuItem[], typed: string): MenuItem[] {
  const word = typed.trim().toLowerCase();
  const matching = dishes.filter((dish) => dish.name.toLowerCase().includes(word));
  return [...matching.filter((dish) => dish.sold_out), ...matching.filter((dish) => !dish.sold_out)];
}
