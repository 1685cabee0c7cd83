/** One venue at a glance: its link first, because every other figure is only as good as that. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { Badge, span } from "@holdfast/pages";
import { LINK_WORDS, syncAge_s, waitingWords, warnings, type Venue } from "./figures";
import { addressOf } from "./place";

export interface VenueCardProps {
  venue: Venue;
  chosen: boolean;
  now_ms: number;
}

export function VenueCard({ venue, chosen, now_ms }: VenueCardProps): JSX.Element {
  return (
    <li>
      <a class="venue" href={addressOf("venue", venue.venue_id)} data-link={venue.link} aria-current={chosen ? "true" : undefined}>
        <span class="venue-head">
          <strong class="venue-name">{venue.name}</strong>
          <LinkBadge venue={venue} />
        </span>
        <span class="venue-sync soft"><SyncWords venue={venue} now_ms={now_ms} /></span>
        <Figures venue={venue} />
        <Warnings venue={venue} />
      </a>
    </li>
  );
}

export function LinkBadge({ venue }: { venue: Venue }): JSX.Element {
  const { words, tone } = LINK_WORDS[venue.link];
  return <Badge tone={tone}><span class="dot" aria-hidden="true" />{words}</Badge>;
}

/** A live link is in step by definition; its age says only when something last happened. */
export function SyncWords({ venue, now_ms }: { venue: Venue; now_ms: number }): JSX.Element {
  const age_s = syncAge_s(venue, now_ms);
  const since = age_s === null ? "Never synced" : `Last sync ${span(age_s)} ago`;
  const waiting = waitingWords(venue, now_ms);
  return <>{since}{waiting !== "" && <> · waiting there: <strong class="number">{waiting}</strong></>}</>;
}

export function Figures({ venue }: { venue: Venue }): JSX.Element {
  return (
    <span class="venue-figures">
      <Figure words="taken today" value={formatMoney(venue.revenue_today_minor, venue.currency)} />
      <Figure words="orders" value={String(venue.orders_today)} />
      <Figure words="open tables" value={String(venue.open_tables)} />
      <Figure words="stations in use" value={String(venue.stations_in_use)} />
    </span>
  );
}

function Figure({ words, value }: { words: string; value: string }): JSX.Element {
  return <span class="figure"><span class="figure-value number">{value}</span><span class="soft">{words}</span></span>;
}

export function Warnings({ venue }: { venue: Venue }): JSX.Element {
  return <>{warnings(venue).map((words) => <span key={words} class="warning">{words}</span>)}</>;
}
