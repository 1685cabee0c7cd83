/** Which venue has which version, and whether its box sells from it already. */
import type { JSX } from "preact";
import { Badge } from "@holdfast/pages";
import { Card, moment } from "../page";
import type { MenuView } from "./view";

export function VenueMenus({ desk, seen }: MenuView): JSX.Element {
  return (
    <Card title="Venues" about="A venue that is offline goes on with the menu it has."
      actions={<button type="button" class="button small" onClick={() => void desk.load()}>Look again</button>}>
      <ul class="rows">
        {seen.venues.map((venue) => (
          <li key={venue.venue_id} class="row">
            <span class="row-words">
              <strong>{venue.name}</strong>
              <span class="soft">
                {venue.version === null ? "nothing from here yet" : `version ${venue.version}`}
                {venue.next_due_at && ` · next planned price ${moment(venue.next_due_at)}`}
                {` · stations ${venue.stations.join(", ") || "none"}`}
              </span>
            </span>
            {venue.by_hand && <Badge tone="warn">was sent another menu by hand</Badge>}
            {!venue.by_hand && venue.version !== null && (venue.version === seen.published_version ? <Badge tone="good">newest</Badge> : <Badge tone="warn">older</Badge>)}
            {(venue.version !== null || venue.by_hand) && (venue.adopted ? <Badge tone="good">sells from it</Badge> : <Badge tone="warn">on its way</Badge>)}
          </li>
        ))}
      </ul>
    </Card>
  );
}
