/** All venues at a glance, one of them in full beside them. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { count, Empty, Waiting } from "@holdfast/pages";
import type { Fleet } from "./fleet";
import { addressOf } from "./place";
import { VenueCard } from "./venue_card";
import { VenueDetail } from "./venue_detail";
import type { SectionProps } from "./views";

export function Venues({ fleet, place, now_ms }: SectionProps): JSX.Element {
  if (fleet.venues.value === null) return <Waiting words="Calling your venues…" />;
  const venues = fleet.sorted.value;
  const venue = fleet.venue.value;
  if (venues.length === 0) {
    return <Empty title="No venues yet"><p>A venue appears here as soon as its box is paired. <a href={addressOf("pair")}>Pair a box</a></p></Empty>;
  }
  return (
    <main class="board" data-chosen={venue !== null}>
      <div class="overview">
        <h1 class="unseen">Venues</h1>
        <Tiles fleet={fleet} />
        <h2>{count(venues.length, "venue")}</h2>
        <ul class="venues">
          {venues.map((each) => (
            <VenueCard key={each.venue_id} venue={each} chosen={each.venue_id === venue?.venue_id} now_ms={now_ms} />
          ))}
        </ul>
      </div>
      {venue && <VenueDetail key={venue.venue_id} fleet={fleet} venue={venue} place={place} now_ms={now_ms} />}
    </main>
  );
}

function Tiles({ fleet }: { fleet: Fleet }): JSX.Element {
  const { orders, live, unsynced, unsure, revenue } = fleet.summary.value;
  const all = fleet.sorted.value.length;
  return (
    <dl class="tiles">
      <div class="tile wide">
        <dt>Taken today</dt>
        <dd class="number">{revenue.map(([currency, minor]) => formatMoney(minor, currency)).join(" + ")}</dd>
      </div>
      <div class="tile"><dt>Orders today</dt><dd class="number">{orders}</dd></div>
      <div class="tile" data-tone={live === all ? "good" : "warn"}><dt>Venues live</dt><dd class="number">{live} of {all}</dd></div>
      <div class="tile" data-tone={unsynced === 0 && !unsure ? "good" : "warn"}>
        <dt>Waiting to sync</dt>
        <dd class="number">{unsynced}{unsure && "+?"}</dd>
      </div>
    </dl>
  );
}
