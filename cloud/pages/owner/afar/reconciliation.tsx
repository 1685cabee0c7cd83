/** After an outage: what somebody has to look at, money first, each with what can be done about it. */
import type { JSX } from "preact";
import { formatMoney } from "@holdfast/protocol";
import { Badge, clockTime, Empty, span } from "@holdfast/pages";
import "./afar.css";
import { syncAge_s, waitsUnseen, type Venue } from "../figures";
import { Asked, useFacts } from "../states";
import type { VenueProps } from "../views";
import { Decide, moneyOf, TickOff, type ActProps } from "./deciding";
import { choicesOf, ticks } from "./decisions";
import type { Item, ItemKind } from "./shapes";
import { DECISIONS, KIND_ORDER, KINDS } from "./words";

export function Reconciliation({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const { venue_id } = venue;
  const listed = useFacts<{ items: Item[] }>(fleet, `/api/venues/${venue_id}/reconciliation`, venue_id);
  return (
    <div class="afar">
      <Sync venue={venue} now_ms={now_ms} />
      <Asked of={listed} waiting="Looking for what is left to do…">
        {({ items }) => <Groups items={items} fleet={fleet} venue_id={venue_id} again={listed.again} />}
      </Asked>
    </div>
  );
}

function Sync({ venue, now_ms }: { venue: Venue; now_ms: number }): JSX.Element {
  const age_s = syncAge_s(venue, now_ms);
  const waiting = waitsUnseen(venue) ? "unknown" : String(venue.unsynced ?? 0);
  const worth = venue.unsynced_minor ?? 0;
  const away = venue.link === "down";
  return (
    <dl class="tiles sync">
      <div class="tile" data-tone={away ? "warn" : "good"}><dt>In step</dt><dd>{age_s === null ? "never" : away ? `${span(age_s)} ago` : "now"}</dd></div>
      <div class="tile"><dt>Not here yet</dt><dd class="number">{waiting}</dd>{worth > 0 && <dd class="soft number">orders worth {formatMoney(worth, venue.currency)}</dd>}</div>
      <div class="tile" data-tone={venue.quarantined > 0 ? "warn" : "good"}><dt>Set aside</dt><dd class="number">{venue.quarantined}</dd></div>
    </dl>
  );
}

interface GroupProps extends Omit<ActProps, "item"> {
  items: Item[];
}

function Groups({ items, ...more }: GroupProps): JSX.Element {
  const open = items.filter((item) => item.settled_by === null);
  const settled = items.filter((item) => item.settled_by !== null);
  return (
    <>
      {open.length === 0 && <Empty title="Nothing is left to do"><p>Money, orders and stock agree on both sides.</p></Empty>}
      {KIND_ORDER.map((kind) => <Group key={kind} kind={kind} items={open.filter((item) => item.kind === kind)} {...more} />)}
      {settled.length > 0 && (
        <details class="settled">
          <summary>Ticked off ({settled.length})</summary>
          <ul class="outcomes">{settled.map((item) => <li key={item.key} class="outcome"><strong>{item.about}</strong><span>{item.note}</span><span class="soft">{item.decision && DECISIONS[item.decision]}{item.settled_by}</span></li>)}</ul>
        </details>
      )}
    </>
  );
}

function Group({ kind, items, ...more }: GroupProps & { kind: ItemKind }): JSX.Element | null {
  const [first] = items;
  if (!first) return null;
  const { words, tone, about } = KINDS[kind];
  const worth_minor = items.reduce((sum, item) => sum + (item.amount_minor ?? 0), 0);
  return (
    <section class="group" aria-label={words}>
      <header class="group-head">
        <h2>{words} <Badge tone={tone}>{items.length}</Badge></h2>
        {worth_minor > 0 && <strong class="number">{formatMoney(worth_minor, first.currency)}</strong>}
      </header>
      <p class="soft">{about}</p>
      <ul class="outcomes">{items.map((item) => <Row key={item.key} item={item} {...more} />)}</ul>
    </section>
  );
}

/** What the venue itself has to know goes there as a command; the rest is ticked off here. */
function Row({ item, ...more }: ActProps): JSX.Element {
  const role = more.fleet.account.value?.role;
  const choices = role === "owner" || role === "manager" ? choicesOf(item, moneyOf(item)) : [];
  return (
    <li class="outcome" data-tone={KINDS[item.kind].tone}>
      <span class="outcome-head">
        <strong>{item.about}</strong>
        {item.amount_minor !== null && <strong class="number">{moneyOf(item)}</strong>}
      </span>
      <span>{item.detail}</span>
      {item.since_ms > 0 && <span class="soft outcome-foot">since {clockTime(item.since_ms)}</span>}
      {choices.length > 0 && <Decide choices={choices} item={item} {...more} />}
      {ticks(item) && role !== "support" && <TickOff item={item} {...more} />}
    </li>
  );
}
