/** Files of what was sold: asked for, watched while they are written, fetched. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Badge, count, Empty } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, day, moment, Page } from "../page";
import { Asked, useFresh } from "../states";
import type { SectionProps } from "../views";
import { NewExport, type ExportSet } from "./new_export";
import { FORMATS, rows, size, STATES, unfinished, type ExportRow } from "./words";

interface ExportsBody {
  sets: ExportSet[];
  exports: ExportRow[];
}

/** News may be lost with a connection; a file that is being written is looked after all the same. */
const LOOK_MS = 5_000;

export function Exports({ fleet }: SectionProps): JSX.Element {
  const busy = useSignal(false);
  const asked = useFresh<ExportsBody>(fleet, "/api/exports", "exports", busy.value ? LOOK_MS : null);
  busy.value = asked.body?.exports.some(unfinished) ?? false;
  return (
    <Page title="Exports" about="What was sold, as a file. It is written in the background and stays here for a week.">
      <Asked of={asked} waiting="Fetching your exports…">
        {({ sets, exports }) => (
          <>
            <NewExport fleet={fleet} sets={sets} onChange={asked.again} />
            {exports.length === 0
              ? <Empty title="No files yet"><p>Choose what you need above. Large files may take a minute; you need not wait here.</p></Empty>
              : (
                <Card title="Files">
                  <ul class="rows">{exports.map((row) => <File key={row.export_id} fleet={fleet} row={row} sets={sets} onChange={asked.again} />)}</ul>
                </Card>
              )}
          </>
        )}
      </Asked>
    </Page>
  );
}

interface FileProps {
  fleet: Fleet;
  row: ExportRow;
  sets: ExportSet[];
  onChange: () => void;
}

function File({ fleet, row, sets, onChange }: FileProps): JSX.Element {
  const act = useAct();
  const remove = (): void =>
    act.run(async () => {
      try {
        await fleet.ask("DELETE", `/api/exports/${row.export_id}`);
      } finally {
        onChange();
      }
    });
  const title = sets.find((each) => each.name === row.what)?.words ?? row.what;
  return (
    <li class="row export" data-state={row.state}>
      <span class="row-words">
        <strong>{title} <Badge tone={STATES[row.state].tone}>{STATES[row.state].words}</Badge></strong>
        <span class="soft">{days(row)} · {venuesOf(row, fleet)} · {FORMATS.find((each) => each.key === row.format)?.words}</span>
        <Standing row={row} />
        {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
      </span>
      {row.file_url !== null && <a class="button small go" href={row.file_url} download aria-label={`Download ${title}, ${days(row)}`}>Download</a>}
      <button type="button" class="button small" disabled={act.busy} aria-label={`${unfinished(row) ? "Stop" : "Remove"} ${title}, ${days(row)}`} onClick={remove}>{unfinished(row) ? "Stop" : "Remove"}</button>
    </li>
  );
}

function Standing({ row }: { row: ExportRow }): JSX.Element {
  if (unfinished(row)) {
    return (
      <span class="export-progress">
        <span class="soft number" role="status">{row.state === "queued" ? "Begins in a moment" : `${rows(row.processed_records)} so far`}</span>
        {row.state === "processing" && <span class="export-bar" aria-hidden="true"><span /></span>}
      </span>
    );
  }
  if (row.state === "failed") return <span class="field-error">{row.failure_reason}</span>;
  const asked = `asked for by ${row.asked_by}`;
  if (row.state === "expired") return <span class="soft">{rows(row.processed_records)} · {asked} · its week is over, ask for it again</span>;
  return <span class="soft">{rows(row.processed_records)}, {size(row.size_bytes ?? 0)} · {asked} · until {row.expires_at && moment(row.expires_at)}</span>;
}

const days = (row: ExportRow): string =>
  row.first === row.last ? day(`${row.first}T12:00`) : `${day(`${row.first}T12:00`)} to ${day(`${row.last}T12:00`)}`;

function venuesOf(row: ExportRow, fleet: Fleet): string {
  const only = row.venue_ids.length === 1 ? row.venue_ids[0] : undefined;
  if (only !== undefined) return fleet.venues.value?.get(only)?.name ?? "one venue";
  return count(row.venue_ids.length, "venue");
}
