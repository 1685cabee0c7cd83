/**
 * Who plays at a venue now, live: busy, free and out of service, and the time each still has.
 *
 * The venue's row is pushed whenever anything happens there; then this is asked again. Between two words of the cloud the
 * time runs down on this browser's own monotonic clock. While the venue is offline it stands still, and says since when.
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { clockface, clockTime, Empty, LAST_S, monotonicTicks, remaining_s, SOON_S, span } from "@holdfast/pages";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";
import { countedOf, PLAY_WORDS, type Occupancy, type Station } from "./occupancy";

const ticks = monotonicTicks();

export function VenueStations({ fleet, venue }: VenueProps): JSX.Element {
  const asked = useAsked<Occupancy>(fleet, `/api/venues/${encodeURIComponent(venue.venue_id)}/stations`);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else asked.again();
  }, [venue]);
  return (
    <Asked of={asked} waiting="Looking at the stations…">
      {(occupancy) => occupancy.stations.length === 0
        ? <Empty title="Nobody plays here"><p>Stations appear once they stand in the venue's configuration and its box has taken it.</p></Empty>
        : <Floor occupancy={occupancy} live={venue.link !== "down"} age_s={venue.last_sync_age_s} />}
    </Asked>
  );
}

function Floor({ occupancy, live, age_s }: { occupancy: Occupancy; live: boolean; age_s: number | null }): JSX.Element {
  const { busy, free, out_of_service, stations } = occupancy;
  const share = Math.round((busy / stations.length) * 100);
  return (
    <section class="floor" data-live={live} aria-label="Stations">
      {!live && <p class="note" role="status">Offline{age_s === null ? "" : `; this is how it stood ${span(age_s)} ago`}. Play goes on at the venue.</p>}
      <p class="floor-sum">
        <strong class="number">{busy} of {stations.length} busy</strong>
        <span class="soft number">{free} free{out_of_service > 0 && `, ${out_of_service} out of service`}</span>
      </p>
      <div class="floor-bar" role="img" aria-label={`${share} % busy`}><span style={{ width: `${share}%` }} /></div>
      <ul class="floor-stations">{stations.map((station) => <li key={station.station_id}><Tile station={station} live={live} /></li>)}</ul>
    </section>
  );
}

function Tile({ station, live }: { station: Station; live: boolean }): JSX.Element {
  const told = countedOf(station, live);
  return (
    <div class="floor-station" data-state={station.state} data-urgency={urgencyOf(station, live)}>
      <span class="floor-name">{station.name}</span>
      <strong class="floor-time number">{station.remaining_s === null ? PLAY_WORDS[station.state] : <Left told={told} />}</strong>
      <span class="floor-more number">
        {station.postpaid ? "paid later" : station.state === "paused" ? "paused" : ""}
        {station.started_at && ` since ${clockTime(station.started_at)}`}
      </span>
    </div>
  );
}

/** Only this is drawn anew as time runs. */
function Left({ told }: { told: ReturnType<typeof countedOf> }): JSX.Element {
  return <span role="timer">{clockface(remaining_s(told, ticks.value))}</span>;
}

function urgencyOf(station: Station, live: boolean): "calm" | "soon" | "last" {
  if (!live || station.state !== "playing" || station.remaining_s === null) return "calm";
  return station.remaining_s <= LAST_S ? "last" : station.remaining_s <= SOON_S ? "soon" : "calm";
}
