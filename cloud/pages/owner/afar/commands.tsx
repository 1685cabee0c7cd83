/** Commands to a venue: what can be asked, and what became of what was. Nothing is called done before the box has said so. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Badge, clockTime, Empty, Sheet, span } from "@holdfast/pages";
import "./afar.css";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";
import { FORMS, type FormKey } from "./command_forms";
import type { Choices, CommandRow } from "./shapes";
import { isOpen, STATUS, titleOf } from "./words";

const SOON_MS = 1_500;
const LATER_MS = 10_000;

export function Commands({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const base = `/api/venues/${venue.venue_id}/commands`;
  const listed = useAsked<{ commands: CommandRow[] }>(fleet, base);
  const choices = useAsked<Choices>(fleet, `${base}/choices`);
  const form = useSignal<FormKey | null>(null);
  const open = listed.body?.commands.some(isOpen) ?? false;
  useEffect(() => {
    const timer = setInterval(() => listed.again(), open ? SOON_MS : LATER_MS);
    return () => clearInterval(timer);
  }, [open, base]);
  const done = (): void => {
    form.value = null;
    listed.again();
    choices.again();
  };
  const Form = form.value === null ? null : FORMS[form.value].form;
  const may = fleet.account.value?.role === "owner" || fleet.account.value?.role === "manager";
  return (
    <div class="afar">
      {may && (
        <div class="asks">
          {(Object.keys(FORMS) as FormKey[]).map((key) => (
            <button key={key} type="button" class="ask" onClick={() => (form.value = key)}>
              <strong>{FORMS[key].words}</strong>
              <span class="soft">{FORMS[key].about}</span>
            </button>
          ))}
        </div>
      )}
      {venue.link === "down" && <p class="afar-hint">The venue is offline. What you ask waits here and is handed over when it is back, if it is still of use then.</p>}
      <h2>What became of it</h2>
      <Asked of={listed} waiting="Fetching commands…">
        {({ commands }) =>
          commands.length === 0
            ? <Empty title="Nothing was asked yet"><p>Each command appears here with what the venue made of it.</p></Empty>
            : <ul class="outcomes">{commands.map((row) => <Row key={row.command_id} row={row} names={namesOf(choices.body)} now_ms={now_ms} />)}</ul>}
      </Asked>
      {Form && form.value && (
        <Sheet label={FORMS[form.value].words} onClose={() => (form.value = null)}>
          <h2>{FORMS[form.value].words}</h2>
          <Form fleet={fleet} base={base} choices={choices.body} onDone={done} />
        </Sheet>
      )}
    </div>
  );
}

const namesOf = (choices: Choices | null): Map<number, string> => new Map(choices?.dishes.map(({ id, name }) => [id, name]));

function Row({ row, names, now_ms }: { row: CommandRow; names: ReadonlyMap<number, string>; now_ms: number }): JSX.Element {
  const { words, tone, more } = STATUS[row.status];
  const left_s = (row.expires_ms - now_ms) / 1_000;
  return (
    <li class="outcome" data-tone={tone}>
      <span class="outcome-head">
        <strong>{titleOf(row, names)}</strong>
        <Badge tone={tone}>{isOpen(row) && <span class="dot pulse" aria-hidden="true" />}{words}</Badge>
      </span>
      {(row.message || more) && <span>{row.message || more}</span>}
      <span class="soft outcome-foot">
        {clockTime(row.issued_ms)} · {row.by.replace(/^owner:/, "")}
        {row.status === "WAITING" && left_s > 0 && <> · of use for {span(left_s)}</>}
        {row.finished_ms !== null && <> · answered {clockTime(row.finished_ms)}</>}
      </span>
    </li>
  );
}
