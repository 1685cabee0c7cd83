/** Stations at a glance: who plays where and how long still, by the second; a tap opens one, and another acts. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { formatMoney, type Station } from "@holdfast/protocol";
import { Badge, clockface, Empty, lazily, played_s, remaining_s } from "@holdfast/pages";
import { Bookings, BOOKINGS } from "../bookings/bookings";
import type { House } from "../house";
import { Icon } from "../icons";
import { manages, serves } from "../person";
import { addressOf, go } from "../route";
import type { ViewProps } from "../view";
import { follow } from "./follow";
import { bookedSoon, STANDING_WORDS, standingOf, troubleOf, URGENCY, zonesOf, type Standing } from "./standing";
import { StationSheet } from "./station";
import { ticks } from "./ticks";
import "./stations.css";

const DEVICES = "devices";
/** Fetched when it is first wanted: few tablets ever take a device in. */
const DevicesView = lazily<ViewProps>(
  async () => (await import("../devices/devices")).DevicesView,
  (onAgain) => <main class="view"><Empty title="The devices cannot be shown"><p>The box does not answer, or has a newer release.</p><button type="button" class="button go" onClick={onAgain}>Try again</button></Empty></main>,
);
/** From so many on, tiles are small enough for sixty of them on a tablet. */
const DENSE_FROM = 24;

/** `rest` is empty for the grid, else a station's id, `devices`, or `bookings` with what comes after it. */
export function Stations(props: ViewProps): JSX.Element {
  const { house, desk, rest } = props;
  const devices = rest[0] === DEVICES && manages(desk.me);
  useEffect(() => follow(house, desk), [house, desk]);
  if (devices) return <DevicesView {...props} />;
  if (rest[0] === BOOKINGS && serves(desk.me)) return <Bookings {...props} />;
  const open = house.stations.value.find((station) => station.id === rest[0]);
  return (
    <main class="view">
      <Grid house={house} manager={manages(desk.me)} books={serves(desk.me)} />
      {open && <StationSheet key={open.id} station={open} house={house} desk={desk} onClose={() => go("stations")} />}
    </main>
  );
}

function Grid({ house, manager, books }: { house: House; manager: boolean; books: boolean }): JSX.Element {
  const zone = useSignal<string | null>(null);
  const only = useSignal<Standing | null>(null);
  const stations = house.stations.value;
  const now_ms = ticks.value;
  const zones = zonesOf(stations);
  const here = stations.filter((station) => zone.value === null || station.zone === zone.value);
  const standings = new Map(here.map((station) => [station.id, standingOf(station, now_ms)]));
  const tally = (standing: Standing): number => [...standings.values()].filter((each) => each === standing).length;
  const chosen = only.value !== null && tally(only.value) > 0 ? only.value : null;
  const shown = here.filter((station) => chosen === null || standings.get(station.id) === chosen);
  return (
    <>
      <header class="view-head">
        <h1>Stations</h1>
        <div class="chips station-chips" role="group" aria-label="Show only">
          <button type="button" class="chip" aria-pressed={chosen === null && zone.value === null} onClick={() => { only.value = null; zone.value = null; }}>All <span class="number">{stations.length}</span></button>
          {zones.map((each) => <button key={each} type="button" class="chip" aria-pressed={zone.value === each} onClick={() => (zone.value = zone.value === each ? null : each)}>{each}</button>)}
          {URGENCY.filter((each) => tally(each) > 0).map((each) => (
            <button key={each} type="button" class="chip" aria-pressed={chosen === each} onClick={() => (only.value = chosen === each ? null : each)}>
              <span class="chip-dot" data-play={each} />{STANDING_WORDS[each]} <span class="number">{tally(each)}</span>
            </button>
          ))}
        </div>
        {house.status.value?.clock_trusted === false && <Badge tone="warn">Clock not known to be right; play time counts on</Badge>}
        {books && <a class="button push" href={addressOf("stations", BOOKINGS)}><Icon name="calendar" />Bookings</a>}
        {manager && <a class="button" href={addressOf("stations", DEVICES)}><Icon name="plug" />Devices</a>}
      </header>
      {stations.length === 0
        ? <Empty title="No stations here"><p>The owner adds them in the venue's configuration.</p></Empty>
        : <Tiles stations={shown} standings={standings} dense={stations.length >= DENSE_FROM} />}
    </>
  );
}

const STEPS: Readonly<Record<string, (columns: number) => number>> = {
  ArrowRight: () => 1, ArrowLeft: () => -1, ArrowDown: (columns) => columns, ArrowUp: (columns) => -columns,
};

/** Arrow keys walk through the tiles as they lie. */
function Tiles({ stations, standings, dense }: { stations: Station[]; standings: ReadonlyMap<string, Standing>; dense: boolean }): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const tiles = [...(list.current?.querySelectorAll<HTMLElement>(".station") ?? [])];
    const at = tiles.indexOf(document.activeElement as HTMLElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0]!.offsetTop).length;
    tiles[at + step(columns)]?.focus();
  };
  return (
    <ul class="stations" data-dense={dense} ref={list} onKeyDown={walk}>
      {stations.map((station) => <li key={station.id}><Tile station={station} standing={standings.get(station.id) ?? "free"} now={ticks} /></li>)}
    </ul>
  );
}

function Tile({ station, standing, now }: { station: Station; standing: Standing; now: ReadonlySignal<number> }): JSX.Element {
  const { session } = station;
  const trouble = troubleOf(station);
  const next = bookedSoon(station, Date.now());
  return (
    <a class="station" data-play={standing} href={addressOf("stations", station.id)}>
      <span class="station-head">
        <strong class="station-name">{station.name}</strong>
        {trouble && <span class="station-trouble" title={trouble}><Icon name="alarms" /><span class="unseen">{trouble}</span></span>}
      </span>
      {session
        ? <strong class="station-time number">{session.payment_method === "POSTPAID" ? clockface(played_s(session, now.value)) : clockface(remaining_s(session, now.value))}</strong>
        : <strong class="station-time word">{STANDING_WORDS[standing]}</strong>}
      <span class="station-foot">
        {session && <span>{session.payment_method === "POSTPAID" ? formatMoney(session.due_minor, session.currency) : STANDING_WORDS[standing]}</span>}
        {next && <span class="station-booked" title={`Booked ${next.at} ${next.name}`}><Icon name="calendar" /><span class="unseen">booked </span><span class="number">{next.at}</span> <span class="station-guest">{next.name}</span></span>}
        {station.power_w !== null && <span class="number station-power">{Math.round(station.power_w)} W</span>}
        {station.kind === "pc" && <span class="station-agent" data-there={station.agent["online"] === true}><span class="station-agent-words">{station.agent["online"] === true ? "PC on" : "PC off"}</span></span>}
      </span>
    </a>
  );
}
