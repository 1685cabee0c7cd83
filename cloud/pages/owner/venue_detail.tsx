/** One venue in full: its link in words, its figures, and below them whichever of its tabs is open. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LINK_WORDS } from "./figures";
import { addressOf } from "./place";
import { Replace } from "./replace";
import { allowed, VENUE_TABS, type VenueTab } from "./sections";
import { Figures, LinkBadge, SyncWords, Warnings } from "./venue_card";
import type { VenueProps } from "./views";

export function VenueDetail({ fleet, venue, place, now_ms }: VenueProps): JSX.Element {
  const alone = fleet.sorted.value.length === 1;
  const role = fleet.account.value?.role ?? "support";
  const tabs = allowed(VENUE_TABS, role);
  const wanted = place.section === "venue" ? place.more[1] : undefined;
  const tab = tabs.find(({ key }) => key === wanted) ?? tabs[0];
  return (
    <section class="detail" aria-label={venue.name}>
      {!alone && <a class="back" href={addressOf("venues")}>‹ All venues</a>}
      <header class="detail-head">
        <h1>{venue.name}</h1>
        <LinkBadge venue={venue} />
      </header>
      <p class="soft">{LINK_WORDS[venue.link].more}</p>
      <p class="soft"><SyncWords venue={venue} now_ms={now_ms} /></p>
      <Figures venue={venue} />
      <Warnings venue={venue} />
      {tabs.length > 1 && <Tabs venue_id={venue.venue_id} tabs={tabs} current={tab?.key ?? ""} />}
      {tab && <tab.view key={tab.key} fleet={fleet} venue={venue} place={place} now_ms={now_ms} />}
      {(role === "owner" || role === "manager") && <Replace fleet={fleet} venue={venue} />}
    </section>
  );
}

function Tabs({ venue_id, tabs, current }: { venue_id: string; tabs: VenueTab[]; current: string }): JSX.Element {
  const row = useRef<HTMLElement>(null);
  // On a phone not all tabs fit: the one that is open is brought into view.
  useEffect(() => row.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" }), [current]);
  return (
    <nav ref={row} class="tabs" aria-label="About this venue">
      {tabs.map(({ key, words }) => (
        <a key={key} class="tab" href={addressOf("venue", venue_id, key)} aria-current={key === current ? "page" : undefined}>{words}</a>
      ))}
    </nav>
  );
}
