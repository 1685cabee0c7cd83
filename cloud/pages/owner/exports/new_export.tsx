/** What shall be written: of which days, which venue, as what. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { FIRST_DAY, LAST_DAY } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card } from "../page";
import { daysOf, SPANS } from "../reports/span";
import { FORMATS, type ExportFormat } from "./words";

export interface ExportSet {
  name: string;
  words: string;
}

interface NewExportProps {
  fleet: Fleet;
  sets: ExportSet[];
  onChange: () => void;
}

export function NewExport({ fleet, sets, onChange }: NewExportProps): JSX.Element {
  const what = useSignal(sets[0]?.name ?? "");
  const format = useSignal<ExportFormat>("csv");
  const venue = useSignal("");
  const days = useSignal(daysOf("30", new Date()));
  const act = useAct();
  const venues = fleet.sorted.value;
  const begin = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const venue_ids = venue.value === "" ? null : [venue.value];
      await fleet.ask("POST", "/api/exports", { what: what.value, format: format.value, ...days.value, venue_ids });
      onChange();
    });
  };
  return (
    <Card title="New file">
      <form class="form wide-form" onSubmit={begin}>
        <div class="pair">
          <label class="field">
            <span>What</span>
            <select class="input" value={what.value} onChange={(event) => (what.value = event.currentTarget.value)}>
              {sets.map((set) => <option key={set.name} value={set.name}>{set.words}</option>)}
            </select>
          </label>
          {venues.length > 1 && (
            <label class="field">
              <span>Venue</span>
              <select class="input" value={venue.value} onChange={(event) => (venue.value = event.currentTarget.value)}>
                <option value="">All venues</option>
                {venues.map((each) => <option key={each.venue_id} value={each.venue_id}>{each.name}</option>)}
              </select>
            </label>
          )}
        </div>
        <div class="segments" role="group" aria-label="Days">
          {SPANS.map(({ key, words }) => {
            const span = daysOf(key, new Date());
            const chosen = span.first === days.value.first && span.last === days.value.last;
            return <button key={key} type="button" class="segment" aria-pressed={chosen} onClick={() => (days.value = span)}>{words}</button>;
          })}
        </div>
        <div class="pair">
          <label class="field"><span>First day</span><input class="input" type="date" required min={FIRST_DAY} max={days.value.last || LAST_DAY} value={days.value.first} onInput={(event) => (days.value = { ...days.value, first: event.currentTarget.value })} /></label>
          <label class="field"><span>Last day</span><input class="input" type="date" required min={days.value.first || FIRST_DAY} max={LAST_DAY} value={days.value.last} onInput={(event) => (days.value = { ...days.value, last: event.currentTarget.value })} /></label>
        </div>
        <div class="field">
          <div class="segments" role="group" aria-label="Format">
            {FORMATS.map(({ key, words }) => <button key={key} type="button" class="segment" aria-pressed={key === format.value} onClick={() => (format.value = key)}>{words}</button>)}
          </div>
          <small class="soft">{FORMATS.find((each) => each.key === format.value)?.about}</small>
        </div>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go" disabled={act.busy}>{act.busy ? "Asking…" : "Write the file"}</button>
      </form>
    </Card>
  );
}
