/** The buttons of an item: what the venue is asked to do about it and what it answers, or a note that ticks it off. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { useFacts } from "../states";
import type { Choice } from "./decisions";
import type { CommandRow, Decision, Item } from "./shapes";

export interface ActProps {
  item: Item;
  fleet: Fleet;
  venue_id: string;
  again: () => void;
}

/** One decision at a time; a refusal of the venue gives the buttons back, with its reason. */
export function Decide({ choices, fleet, venue_id, again }: ActProps & { choices: Choice[] }): JSX.Element {
  const act = useAct();
  const ids = useSignal<Readonly<Record<string, string>>>({});
  const sure = useSignal<string | null>(null);
  const sent = useSignal<{ words: string; command_id: string } | null>(null);
  const base = `/api/venues/${venue_id}`;
  const listed = useFacts<{ commands: CommandRow[] }>(fleet, sent.value && `${base}/commands`, venue_id);
  const became = listed.body?.commands.find((row) => row.command_id === sent.value?.command_id);
  const refused = became?.status === "REFUSED" || became?.status === "EXPIRED" || became?.status === "UNKNOWN";
  const send = (choice: Choice): void =>
    act.run(async () => {
      // The same press again is the same command; a decision that the venue has refused is a new one.
      const id = (!refused && ids.value[choice.words]) || uuid7();
      ids.value = { ...ids.value, [choice.words]: id };
      const { command_id } = await fleet.ask<{ command_id: string }>("POST", `${base}/${choice.path}`, choice.body(id));
      sent.value = { words: choice.sent, command_id };
      listed.again();
      again();
    });
  if (sent.value && !refused) return <p class="soft" role="status">{sent.value.words}</p>;
  return (
    <span class="outcome-acts">
      {choices.map((choice) => (
        choice.sure && sure.value !== choice.words
          ? <button key={choice.words} type="button" class="button" onClick={() => (sure.value = choice.words)}>{choice.sure}</button>
          : <button key={choice.words} type="button" class={choice.look === "plain" ? "button" : `button ${choice.look}`} disabled={act.busy} onClick={() => send(choice)}>{choice.words}</button>
      ))}
      {(act.problem ?? (refused && became?.message)) && <span class="field-error" role="alert">{act.problem ?? `The venue answered: ${became?.message}`}</span>}
    </span>
  );
}

/** What no venue has to know of: a note of what was done. Of what only a replaced box knew it is decided how it counts. */
export function TickOff({ item, fleet, venue_id, again }: ActProps): JSX.Element {
  const act = useAct();
  const note = useSignal<string | null>(null);
  const orphan = item.kind === "orphan";
  if (note.value === null) return <span class="outcome-acts"><button type="button" class="button" onClick={() => (note.value = "")}>{orphan ? "Decide…" : "Tick off…"}</button></span>;
  const settle = (decision: Decision): void =>
    act.run(async () => {
      await fleet.ask("POST", `/api/venues/${venue_id}/reconciliation`, { key: item.key, note: note.value?.trim(), decision });
      again();
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    settle(orphan ? "accepted" : "noted");
  };
  return (
    <form class="outcome-acts" onSubmit={submit}>
      <input class="input" aria-label="What was done about it" placeholder="What was done about it?" required maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
      <button type="submit" class="button go" disabled={act.busy || !note.value.trim()}>{orphan ? "Accept into the books" : "Tick off"}</button>
      {orphan && <button type="button" class="button" disabled={act.busy || !note.value.trim()} onClick={() => settle("written_off")}>Write off</button>}
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </form>
  );
}

/** What an item comes to, in words for a button. */
export const moneyOf = ({ amount_minor, currency }: Item): string => formatMoney(amount_minor ?? 0, currency);
