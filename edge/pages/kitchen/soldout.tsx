/**
 * What the kitchen is out of: every dish with a switch, the ones that are off first.
 *
 * Rule of the file: a dish is shown as off only once the box says so. Counterpart: `POST /api/v1/menu/sold_out`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Menu, MenuItem } from "@holdfast/protocol";
import { ask, LastWord, Refused, Sheet, useLastWord, Waiting } from "@holdfast/pages";

interface SoldOutProps {
  token: string;
  onClose: () => void;
}

export function SoldOut({ token, onClose }: SoldOutProps): JSX.Element {
  const dishes = useSignal<MenuItem[] | null>(null);
  const wanted = useSignal("");
  /** Dishes about which the box has not answered yet. */
  const busy = useSignal<ReadonlySet<number>>(new Set());
  const problem = useSignal<string | null>(null);

  const fail = (error: unknown, words: string): void => void (problem.value = error instanceof Refused ? error.message : words);
  const word = useLastWord(() => new LastWord(fetchDishes, (items) => (dishes.value = items), (error) => fail(error, "The box does not answer; this may be old.")), []);
  const mark = (id: number, sold_out: boolean) => (): void =>
    void (dishes.value = dishes.value?.map((dish) => (dish.id === id ? { ...dish, sold_out } : dish)) ?? null);
  const turn = async ({ id, sold_out }: MenuItem): Promise<void> => {
    busy.value = new Set(busy.value).add(id);
    problem.value = null;
    try {
      await ask("POST", "/api/v1/menu/sold_out", { token, body: { menu_item: id, sold_out: !sold_out } });
      word.heard(mark(id, !sold_out));
      void word.ask();
    } catch (error) {
      fail(error, "The box does not answer; nobody knows whether this was done. Look before you press again.");
      void word.ask();
    }
    busy.value = new Set([...busy.value].filter((each) => each !== id));
  };
  useEffect(() => void word.ask(), []);

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
                  data-off={dish.sold_out} disabled={busy.value.has(dish.id)} onClick={() => void turn(dish)}>
                  {dish.sold_out ? "Sold out" : "On sale"}
                </button>
              </li>
            ))}
          </ul>
        )}
    </Sheet>
  );
}

const fetchDishes = async (): Promise<MenuItem[]> => (await ask<Menu>("GET", "/menu")).body.items;

/** Dishes whose name holds what was typed; what is off comes first. */
function found(dishes: MenuItem[], typed: string): MenuItem[] {
  const word = typed.trim().toLowerCase();
  const matching = dishes.filter((dish) => dish.name.toLowerCase().includes(word));
  return [...matching.filter((dish) => dish.sold_out), ...matching.filter((dish) => !dish.sold_out)];
}
