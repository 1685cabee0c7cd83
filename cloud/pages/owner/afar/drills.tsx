/** Outages on purpose: begin one, and read how ready the venue is. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { uuid7 } from "@holdfast/protocol";
import { Badge, clockTime, Empty, span, stopwatch } from "@holdfast/pages";
import "./afar.css";
import { useAct } from "../act";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";
import { Choice } from "./command_forms";
import type { Drill, Finding } from "./shapes";
import { FINDINGS, readinessOf } from "./words";

const SOON_MS = 1_000;
const LATER_MS = 15_000;
/** A drill that was asked for shows up within this, or not at all. */
const HEARD_WITHIN_MS = 30_000;
const LENGTHS = [2, 5, 15, 30] as const;

export function DrillReports({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const base = `/api/venues/${venue.venue_id}`;
  const listed = useAsked<{ drills: Drill[] }>(fleet, `${base}/drills`);
  const asked_ms = useSignal(0);
  const running = (listed.body?.drills[0]?.status ?? "done") !== "done";
  const lively = running || now_ms - asked_ms.value < HEARD_WITHIN_MS;
  useEffect(() => {
    const timer = setInterval(() => listed.again(), lively ? SOON_MS : LATER_MS);
    return () => clearInterval(timer);
  }, [lively, base]);
  const may = fleet.account.value?.role === "owner" || fleet.account.value?.role === "manager";
  return (
    <div class="afar">
      {may && <Begin fleet={fleet} base={base} away={venue.link === "down"} asked={!running && lively} onDone={() => (asked_ms.value = Date.now())} />}
      <Asked of={listed} waiting="Fetching reports…">
        {({ drills }) =>
          drills.length === 0
            ? <Empty title="No drill yet"><p>Try one in a quiet hour: the venue goes on serving, and you learn what would fail.</p></Empty>
            : <>{drills.map((drill) => <Report key={drill.drill_id} drill={drill} now_ms={now_ms} />)}</>}
      </Asked>
    </div>
  );
}

interface BeginProps {
  fleet: VenueProps["fleet"];
  base: string;
  away: boolean;
  /** A moment ago, and nothing of it is to be seen yet. */
  asked: boolean;
  onDone: () => void;
}

function Begin({ fleet, base, away, asked, onDone }: BeginProps): JSX.Element {
  const act = useAct();
  const minutes = useSignal(5);
  const begin = (): void =>
    act.run(async () => {
      await fleet.ask("POST", `${base}/commands`, { ask: { kind: "start_drill", minutes: minutes.value }, command_id: uuid7(), ttl_s: 60 });
      onDone();
    });
  return (
    <section class="drill-begin" aria-label="Begin a drill">
      <h2>Cut the link on purpose</h2>
      <p>The venue serves on without the internet, as it would in a real outage. Afterwards this page says what worked.</p>
      <Choice label="Minutes" values={LENGTHS} value={minutes.value} onPick={(value) => (minutes.value = value)} />
      <button type="button" class="button go" disabled={act.busy || away} onClick={begin}>{act.busy ? "Asking…" : `Begin a drill of ${minutes.value} min`}</button>
      {away && !asked && <p class="soft">The venue is offline already. A drill needs a link that can be cut.</p>}
      {asked && !act.problem && <p class="soft" role="status">Asked. The venue cuts its link in a moment.</p>}
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
    </section>
  );
}

const MARKS: Readonly<Record<Finding["verdict"], string>> = { good: "✓", warn: "!", bad: "✕", idle: "–" };
const SAID: Readonly<Record<Finding["verdict"], string>> = { good: "worked", warn: "wants a look", bad: "failed", idle: "not tried" };
const ENDINGS = { completed: "ran to its end", stopped: "ended early by the staff", interrupted: "interrupted by a restart" } as const;

function Report({ drill, now_ms }: { drill: Drill; now_ms: number }): JSX.Element {
  const { words, tone, more } = readinessOf(drill);
  const day = new Date(drill.begun_ms).toLocaleDateString(undefined, { day: "numeric", month: "long" });
  const left_s = (drill.begun_ms + drill.minutes * 60_000 - now_ms) / 1_000;
  return (
    <article class="report" aria-label={`Drill of ${day}, ${clockTime(drill.begun_ms)}`}>
      <header class="report-head" data-tone={tone}>
        <span class="report-grade">{words}</span>
        <span>{more}</span>
      </header>
      <p class="soft report-when">
        {day}, {clockTime(drill.begun_ms)} · {drill.minutes} min asked
        {drill.lasted_s !== null && drill.ending !== null && <> · {ENDINGS[drill.ending]} after {span(drill.lasted_s)}</>}
        {drill.begun_by && <> · begun by {drill.begun_by.replace(/^(owner|staff):/, "")}</>}
      </p>
      {drill.status === "running" && <p class="report-running"><span class="dot pulse" aria-hidden="true" />The link is cut. {left_s > 0 ? <>Back in about <strong class="number">{stopwatch(left_s)}</strong>.</> : "It should be back any moment."}</p>}
      {drill.findings.length > 0 && (
        <ul class="findings">
          {drill.findings.map((each) => (
            <li key={each.what} class="finding" data-verdict={each.verdict}>
              <span class="finding-mark" aria-hidden="true">{MARKS[each.verdict]}</span>
              <span class="finding-words"><strong>{FINDINGS[each.what] ?? each.what}</strong><span class="unseen">: {SAID[each.verdict]}.</span><span>{each.words}</span></span>
            </li>
          ))}
        </ul>
      )}
      {drill.unsynced !== null && (
        <p class="report-drain">
          {drill.drained_ms === null
            ? <><Badge tone="warn">Catching up</Badge> {drill.unsynced} facts are still on their way here.</>
            : <><Badge tone="good">In step</Badge> {drill.unsynced} facts had waited; all were here {drill.drained_ms < 10_000 ? `${(drill.drained_ms / 1_000).toFixed(1)} s` : span(drill.drained_ms / 1_000)} after the link came back.</>}
        </p>
      )}
    </article>
  );
}
