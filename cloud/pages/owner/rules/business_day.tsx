/** When a venue's business day begins: bars that close at four have sold until then on the evening before. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { useAct } from "../act";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { Fleet } from "../fleet";
import type { VenueProps } from "../views";

interface Day { begins: string }

export function BusinessDay({ fleet, venue }: Pick<VenueProps, "fleet" | "venue">): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/day`;
  const asked = useAsked<Day>(fleet, path);
  return (
    <Card title="Business day" about="Reports, exports and the figures of today count by it, those of the past included.">
      <Asked of={asked} waiting="Fetching the hour…">{({ begins }) => <Form key={begins} fleet={fleet} path={path} begins={begins} onSaved={asked.again} />}</Asked>
    </Card>
  );
}

function Form({ fleet, path, begins, onSaved }: { fleet: Fleet; path: string; begins: string; onSaved: () => void }): JSX.Element {
  const may = ["owner", "manager"].includes(fleet.account.value?.role ?? "");
  const at = useSignal(begins);
  const act = useAct();
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", path, { begins: at.value });
      onSaved();
    });
  };
  return (
    <form class="form" onSubmit={save}>
      <label class="field">
        <span>Begins at</span>
        <input class="input number" type="time" required min="00:00" max="12:00" disabled={!may} value={at.value} onInput={(event) => (at.value = event.currentTarget.value)} />
        <small class="soft">{at.value === "00:00" ? "At midnight: a day is a day of the calendar." : `What is sold before ${at.value} belongs to the day before.`}</small>
      </label>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {may && <button type="submit" class="button go" disabled={act.busy || at.value === begins}>{act.busy ? "Counting anew…" : at.value === begins ? "Saved" : "Save"}</button>}
    </form>
  );
}
