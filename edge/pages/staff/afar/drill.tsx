/** An outage on purpose, from the counter: begin one, end it early, read the last report. Managers only. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Drill, Drills } from "@holdfast/protocol";
import { clockTime, LastWord, stopwatch, useLastWord } from "@holdfast/pages";
import "./afar.css";
import type { Desk } from "../desk";
import type { House } from "../house";
import { clock } from "../time";

const LENGTHS = [2, 5, 15, 30] as const;
const NAMES: Readonly<Record<string, string>> = {
  orders: "Orders", kitchen: "Kitchen", printers: "Printers", payments: "Payments", play: "Play time", plugs: "Plugs and routers", agents: "Gaming PCs", journal: "The box's own books", restart: "The drill itself",
};
const MARKS = { good: "✓", warn: "!", bad: "✕", idle: "–" } as const;

export function DrillPanel({ house, desk }: { house: House; desk: Desk }): JSX.Element {
  const last = useSignal<Drill | null>(null);
  const minutes = useSignal<number>(5);
  const busy = useSignal(false);
  const word = useLastWord(() => new LastWord(() => desk.get<Drills>("/api/v1/drills"), ({ drills }) => (last.value = drills[0] ?? null)), []);
  useEffect(() => {
    void word.ask();
    return house.listen((message) => {
      if (message.type === "hello" || message.type === "afar") void word.ask();
    });
  }, []);
  const press = (path: string, body: object): void => {
    busy.value = true;
    void desk.attempt(() => desk.send(path, body)).then(() => word.ask()).finally(() => (busy.value = false));
  };
  const drill = last.value;
  if (drill?.status === "running") return <Running drill={drill} now_ms={clock.value + house.skew_ms.value} busy={busy.value} onStop={() => press(`/api/v1/drills/${drill.drill_id}/stop`, {})} />;
  return (
    <>
      <p>Cut the link to the cloud on purpose and see what works without it. Guests notice nothing.</p>
      <div class="afar-acts">
        {LENGTHS.map((each) => <button key={each} type="button" class="button" aria-pressed={each === minutes.value} onClick={() => (minutes.value = each)}>{each} min</button>)}
        <button type="button" class="button go" disabled={busy.value} onClick={() => press("/api/v1/drills", { minutes: minutes.value })}>Begin the drill</button>
      </div>
      {drill && <Report drill={drill} />}
    </>
  );
}

function Running({ drill, now_ms, busy, onStop }: { drill: Drill; now_ms: number; busy: boolean; onStop: () => void }): JSX.Element {
  const left_s = drill.ends_ms === null ? 0 : (drill.ends_ms - now_ms) / 1_000;
  return (
    <>
      <p role="status">The link is cut on purpose. It comes back in <strong class="number">{stopwatch(left_s)}</strong>. Place an order, print something, let somebody play: the report counts it.</p>
      <div class="afar-acts"><button type="button" class="button" disabled={busy} onClick={onStop}>Let it come back now</button></div>
    </>
  );
}

function Report({ drill }: { drill: Drill }): JSX.Element {
  return (
    <article class="afar-report" aria-label="The last drill">
      <h3>Last drill, {new Date(drill.begun_ms).toLocaleDateString()} {clockTime(drill.begun_ms)}</h3>
      <ul>
        {drill.findings.map((each) => (
          <li key={each.what} data-verdict={each.verdict}>
            <span class="afar-mark" aria-hidden="true">{MARKS[each.verdict]}</span>
            <span><strong>{NAMES[each.what] ?? each.what}.</strong> {each.words}</span>
          </li>
        ))}
      </ul>
      <p class="soft">{drill.drained_ms === null ? "The cloud is catching up." : `The cloud had everything ${(drill.drained_ms / 1_000).toFixed(1)} s after the link came back.`}</p>
    </article>
  );
}
