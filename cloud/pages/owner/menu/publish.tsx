/** From the draft to the venues: what has changed, where it goes, and what came of it. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { count, Refused, Sheet } from "@holdfast/pages";
import { moment } from "../page";
import { problemOf } from "../states";
import { Changes } from "./changes";
import type { Desk } from "./desk";
import { Text } from "./fields";
import type { VenueMenu } from "./shapes";
import { Words } from "./words";

interface Conflict {
  version: number;
  published_by: string | null;
  published_at: string | null;
}

export function Publish({ desk }: { desk: Desk }): JSX.Element {
  const open = useSignal(false);
  const waiting = desk.differences.value.length;
  const begin = async (): Promise<void> => {
    await desk.save();
    open.value = true;
  };
  return (
    <>
      <button type="button" class="button go" disabled={desk.state.value === "clashing"} onClick={() => void begin()}>Publish{waiting > 0 && ` ${count(waiting, "change")}`}…</button>
      {open.value && <Form desk={desk} onClose={() => (open.value = false)} />}
    </>
  );
}

function Form({ desk, onClose }: { desk: Desk; onClose: () => void }): JSX.Element {
  const { venues, published, published_version } = desk.seen.value!;
  const chosen = useSignal(venues.map(({ venue_id }) => venue_id));
  const note = useSignal("");
  const busy = useSignal(false);
  const problems = useSignal<string[]>([]);
  const done = useSignal<number | null>(null);
  const differences = desk.differences.value;
  const words = new Words([...(published ? [published] : []), desk.draft.value!], venues);
  const toggle = (id: string): void => {
    chosen.value = chosen.value.includes(id) ? chosen.value.filter((each) => each !== id) : [...chosen.value, id];
  };
  const publish = async (): Promise<void> => {
    busy.value = true;
    problems.value = [];
    try {
      if (!(await desk.save())) throw new Error("not saved");
      done.value = await desk.publish(chosen.value, note.value);
    } catch (error) {
      problems.value = refusalWords(error);
    }
    busy.value = false;
  };
  if (done.value !== null) {
    return (
      <Sheet label="Published" onClose={onClose}>
        <div class="form">
          <h2>Version {done.value} is on its way</h2>
          <p>Venues that are online have it within a second. The others sell from what they have, and get it when they are back; “Venues” shows who has it.</p>
          <button type="button" class="button go" onClick={onClose}>Done</button>
        </div>
      </Sheet>
    );
  }
  return (
    <Sheet label="Publish the menu" onClose={onClose} class="menu-sheet">
      <div class="form wide-form">
        <h2>{published_version === 0 ? "Publish the first version" : `What has changed since version ${published_version}`}</h2>
        {differences.length === 0 ? <p class="soft">Nothing. Publishing brings venues that have another menu to this one.</p> : <Changes differences={differences} words={words} />}
        <fieldset class="checks">
          <legend>Goes to</legend>
          {venues.map((venue) => (
            <label key={venue.venue_id} class="check">
              <input type="checkbox" checked={chosen.value.includes(venue.venue_id)} onChange={() => toggle(venue.venue_id)} />
              <span>{venue.name} <span class="soft">{hasNow(venue)}</span></span>
            </label>
          ))}
        </fieldset>
        <Text label="A note for colleagues" most={200} value={note.value} onValue={(text) => (note.value = text)} />
        {problems.value.length > 0 && (
          <div class="trouble" role="alert"><ul>{problems.value.map((words) => <li key={words}>{words}</li>)}</ul></div>
        )}
        <button type="button" class="button go wide" disabled={busy.value || chosen.value.length === 0} onClick={() => void publish()}>
          {busy.value ? "Publishing…" : `Publish to ${count(chosen.value.length, "venue")}`}
        </button>
      </div>
    </Sheet>
  );
}

function hasNow({ version, by_hand }: VenueMenu): string {
  if (version === null) return by_hand ? "has one that was imported" : "has none yet";
  return by_hand ? `had version ${version}, then one that was imported` : `has version ${version}`;
}

function refusalWords(error: unknown): string[] {
  if (!(error instanceof Refused)) return [error instanceof Error && error.message === "not saved" ? "The draft is not saved yet; wait a moment, or answer what is asked." : problemOf(error)];
  if (error.code === "menu_flawed") return (error.detail as { complaints: string[] } | null)?.complaints ?? [error.message];
  if (error.code === "menu_conflict") {
    const { version, published_by, published_at } = (error.detail ?? {}) as Partial<Conflict>;
    return [`${published_by ?? "A colleague"} published version ${version ?? "?"}${published_at ? ` on ${moment(published_at)}` : ""}. Nothing of yours is lost: look at the difference again, then publish.`];
  }
  return [error.message];
}
