/**
 * What a role or a token is bound to: all of the organisation, or single brands and venues of it.
 *
 * Counterparts: `desk.py` and `tokens.py` in `cloud/owners/people` write it, `cloud/owners/gate.py` holds
 * people and programs to it.
 */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Asked, useAsked } from "../states";

/** Ids of brands and venues; null for no bounds. */
export type Reach = string[] | null;

export interface Brands { brands: { brand_id: string; name: string; venues: number }[] }

/** In words, shortest first: nothing for who has no bounds. */
export function reachWords(fleet: Fleet, brands: Brands["brands"], reach: Reach): string {
  if (reach === null) return "Everywhere";
  const named = new Map([...brands.map(({ brand_id, name }) => [brand_id, `all of ${name}`] as const), ...fleet.sorted.value.map(({ venue_id, name }) => [venue_id, name] as const)]);
  return `Only ${reach.map((id) => named.get(id) ?? "a venue that is gone").sort().join(", ")}`;
}

export const useBrands = (fleet: Fleet): Brands["brands"] => useAsked<Brands>(fleet, "/api/brands").body?.brands ?? [];

export function ReachField({ fleet, brands, reach }: { fleet: Fleet; brands: Brands["brands"]; reach: Signal<Reach> }): JSX.Element {
  const toggle = (id: string): void => {
    const before = reach.value ?? [];
    reach.value = before.includes(id) ? before.filter((each) => each !== id) : [...before, id];
  };
  const box = (id: string, words: string): JSX.Element => (
    <label key={id} class="check"><input type="checkbox" checked={reach.value?.includes(id) ?? false} onChange={() => toggle(id)} /><span>{words}</span></label>
  );
  return (
    <fieldset class="checks">
      <legend>Where</legend>
      <label class="check"><input type="radio" name="where" checked={reach.value === null} onChange={() => (reach.value = null)} /><span>Everywhere, also at venues to come</span></label>
      <label class="check"><input type="radio" name="where" checked={reach.value !== null} onChange={() => (reach.value = [])} /><span>Only at</span></label>
      {reach.value !== null && (
        <div class="checks within">
          {brands.map(({ brand_id, name }) => box(brand_id, `All of ${name}`))}
          {fleet.sorted.value.map(({ venue_id, name }) => box(venue_id, name))}
          {reach.value.length === 0 && <p class="field-error" role="status">Choose at least one.</p>}
        </div>
      )}
    </fieldset>
  );
}

interface BindProps {
  fleet: Fleet;
  name: string;
  about: string;
  reach: Reach;
  /** Where it is changed, and what has to be said besides the reach. */
  path: string;
  beside?: Record<string, unknown>;
  onChange: () => void;
  onClose: () => void;
}

/** Says where somebody's role, or a token, counts from now on. */
export function Bind({ fleet, name, about, reach: before, path, beside, onChange, onClose }: BindProps): JSX.Element {
  const asked = useAsked<Brands>(fleet, "/api/brands");
  const reach = useSignal<Reach>(before);
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PATCH", path, { ...beside, reach: reach.value });
      onChange();
      onClose();
    });
  };
  return (
    <Sheet label={`Where ${name} may act`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <h2>Where {name} may act</h2>
        <p class="soft">{about}</p>
        <Asked of={asked} waiting="Fetching your brands…">{({ brands }) => <ReachField fleet={fleet} brands={brands} reach={reach} />}</Asked>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy || reach.value?.length === 0}>Save</button>
      </form>
    </Sheet>
  );
}
