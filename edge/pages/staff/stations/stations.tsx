/** Stations at a glance: who plays where, how long still, and what is out of service. */
import type { JSX } from "preact";
import type { Station } from "@holdfast/protocol";
import { Badge, Empty, span, type Tone } from "@holdfast/pages";
import type { ViewProps } from "../tabs";

const WORDS: Readonly<Record<Station["status"], [string, Tone]>> = {
  ONLINE: ["free", "good"],
  IN_USE: ["in use", "calm"],
  OFFLINE: ["offline", "bad"],
  MAINTENANCE: ["out of service", "warn"],
};

export function Stations({ house }: ViewProps): JSX.Element {
  const stations = house.stations.value;
  return (
    <main class="view">
      <header class="view-head"><h1>Stations</h1></header>
      {stations.length === 0
        ? <Empty title="No stations here"><p>The owner adds them in the venue's configuration.</p></Empty>
        : <ul class="rows">{stations.map((station) => <Row key={station.id} station={station} />)}</ul>}
    </main>
  );
}

function Row({ station }: { station: Station }): JSX.Element {
  const [words, tone] = WORDS[station.status];
  return (
    <li class="row">
      <span class="row-words"><strong>{station.name}</strong><span class="soft">{station.zone || station.kind}</span></span>
      {station.session && <span class="number">{span(station.session.remaining_seconds)} left</span>}
      <Badge tone={tone}>{words}</Badge>
    </li>
  );
}
