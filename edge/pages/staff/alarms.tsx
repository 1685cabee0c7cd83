/** What somebody has to look at now, the newest first. An alarm goes by itself when its cause does. */
import type { JSX } from "preact";
import { clockTime, Empty, span } from "@holdfast/pages";
import { clock } from "./time";
import type { Alarm } from "./news";
import type { ViewProps } from "./tabs";

export function AlarmList({ house }: ViewProps): JSX.Element {
  const alarms = [...house.alarms.value].sort((one, other) => other.since_ms - one.since_ms);
  const now_ms = clock.value + house.skew_ms.value;
  return (
    <main class="view">
      <header class="view-head"><h1>Alarms</h1></header>
      {alarms.length === 0
        ? <Empty title="Nothing wants you"><p>Kitchen, printers, stations and the till are looked after.</p></Empty>
        : <ul class="rows">{alarms.map((alarm) => <Row key={alarm.key} alarm={alarm} now_ms={now_ms} />)}</ul>}
    </main>
  );
}

function Row({ alarm, now_ms }: { alarm: Alarm; now_ms: number }): JSX.Element {
  return (
    <li class="row alarm">
      <span class="row-words">
        <strong>{alarm.message}</strong>
        <span class="soft">since {clockTime(alarm.since_ms)}, {span((now_ms - alarm.since_ms) / 1_000)}</span>
      </span>
    </li>
  );
}
