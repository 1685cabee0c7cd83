/**
 * What the kitchen is out of: every dish with a switch, the ones that are off first.
 *
 * Rule of the file: a dish is shown as off only once the box says so. Counterpart: `POST /api/v1/menu/sold_out`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Menu, MenuItem } from "@holdfast/protocol";
import { ask, Refused, Sheet, Waiting } from "@holdfast/pages";

interface SoldOutProps {
  token: string;
  onClose: () => void;
}

export function SoldOut({ token, onClose }: SoldOutProps): JSX.Element {
  const dishes = useSignal<MenuItem[] | null>(null);
  const wanted = useSignal("");
  const busy = useSignal<number | null>(null);
  const problem = useSignal<string | null>(null);

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      problem.value = null;
      await action();
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : "The box does not answer; nothing was changed.";
    }
  };
  const fetchMenu = async (): Promise<void> => {
    dishes.value = (await ask<Menu>("GET", "/menu")).body.items;
  };
  const turn = (dish: MenuItem): Promise<void> => attempt(async () => {
    busy.value = dish.id;
    try {
      await ask("POST", "/api/v1/menu/sold_out", { token, body: { menu_item: dish.id, sold_out: !dish.sold_out } });
      await fetchMenu();
    } finally {
      busy.value = null;
    }
  });
  useEffect(() => void attempt(fetchMenu), []);

  return (
    <Sheet label="Sold out" onClose={onClose}>
      <input class="input" type="search" placeholder="Find a dish" aria-label="Find a dish" value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)} />
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      {dishes.value === null
        ? <Waiting words="Fetching the menu…" />
        : (
          <ul class="dishes">
            {found(dishes.value, wanted.value).map((dish) => (
              <li key={dish.id}>
                <span>{dish.name}</span>
                <button type="button" role="switch" class="step small" aria-checked={dish.sold_out} aria-label={`${dish.name} sold out`}
                  data-off={dish.sold_out} disabled={busy.value === dish.id} onClick={() => void turn(dish)}>
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
