/** The owner's dashboard: all venues at a glance, one of them in full. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { formatMoney } from "@holdfast/protocol";
import { Banner, count, Empty, Logo, ticking, Waiting } from "@holdfast/pages";
import type { Fleet } from "./fleet";
import { Login } from "./login";
import { VenueCard } from "./venue_card";
import { VenueDetail } from "./venue_detail";

const now = ticking();

export function App({ fleet }: { fleet: Fleet }): JSX.Element {
  useEffect(() => void fleet.resume(), []);
  const account = fleet.account.value;
  if (account === undefined) {
    return <Waiting words={fleet.unreachable.value ? "The cloud does not answer. Trying again…" : "One moment…"} />;
  }
  if (account === null) return <Login fleet={fleet} />;
  return (
    <>
      <Banner tone="warn" shown={fleet.unreachable.value}>Connection lost. Reconnecting... Figures may be out of date.</Banner>
      <header class="top">
        <Logo />
        <span class="top-account soft">{account.email}</span>
        <button type="button" class="button" onClick={() => void fleet.signOut()}>Sign out</button>
      </header>
      {fleet.venues.value === null ? <Waiting words="Calling your venues…" /> : <Overview fleet={fleet} />}
    </>
  );
}

function Overview({ fleet }: { fleet: Fleet }): JSX.Element {
  const venues = fleet.sorted.value;
  const venue = fleet.venue.value;
  if (venues.length === 0) {
    return <Empty title="No venues yet"><p>A venue appears here as soon as its box is paired.</p></Empty>;
  }
  return (
    <main class="board" data-chosen={venue !== null}>
      <div class="overview">
        <Tiles fleet={fleet} />
        <h2>{count(venues.length, "venue")}</h2>
        <ul class="venues">
          {venues.map((each) => (
            <VenueCard key={each.venue_id} venue={each} chosen={each.venue_id === venue?.venue_id} now_ms={now.value} />
          ))}
        </ul>
      </div>
      {venue && <VenueDetail key={venue.venue_id} venue={venue} alone={venues.length === 1} orders={fleet.orders.value} now_ms={now.value} />}
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
