/**
 * How a venue's box and everything that hangs on it are, live, each with the age of its reading.
 *
 * A reading that is older than it should be is grey: nobody knows how that thing is now. Counterpart:
 * `cloud/owners/sight/health_desk.py`.
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Thing } from "@holdfast/protocol";
import { Badge, count, Empty, span } from "@holdfast/pages";
import { Asked, useHealth } from "../states";
import type { VenueProps } from "../views";
import { age_s, amiss, drawn_w, figuresOf, grouped, isStale, stateOf, watts, type Told } from "./words";

export function VenueHealth({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const asked = useHealth<{ things: Thing[] }>(fleet, venue.venue_id);
  return (
    <Asked of={asked} waiting="Asking how everything is…">
      {({ things }) => things.length === 0
        ? <Empty title="Nothing heard yet"><p>The box tells how it and its devices are as soon as it is connected. One of an older release does not.</p></Empty>
        : <Things things={things} live={venue.link !== "down"} now_ms={now_ms} />}
    </Asked>
  );
}

function Things({ things, live, now_ms }: { things: Thing[]; live: boolean; now_ms: number }): JSX.Element {
  const told = useMemo<Told>(() => ({ things, at_ms: Date.now() }), [things]);
  const box = things.find(({ kind }) => kind === "box");
  const drawn = drawn_w(told, now_ms);
  const wrong = amiss(told, now_ms);
  return (
    <section class="health" aria-label="Health">
      {!live && <p class="note" role="status">Offline; this is how everything stood when it was heard of last. The venue goes on by itself.</p>}
      <p class="health-sum">
        {live && drawn !== null && <strong class="number">{watts(drawn)} drawn now</strong>}
        {live && <span class="soft">{wrong.length === 0 ? "Nothing needs a look." : `${count(wrong.length, "thing")} to look at.`}</span>}
      </p>
      {box && <ThingList title="The box" things={[box]} told={told} now_ms={now_ms} />}
      {grouped(things).map((group) => <ThingList key={group.title} {...group} told={told} now_ms={now_ms} />)}
    </section>
  );
}

function ThingList({ title, things, told, now_ms }: { title: string; things: Thing[]; told: Told; now_ms: number }): JSX.Element {
  return (
    <>
      <h2>{title}</h2>
      <ul class="rows">{things.map((thing) => <Row key={thing.thing} thing={thing} told={told} now_ms={now_ms} />)}</ul>
    </>
  );
}

const KIND_WORDS: Readonly<Record<string, string>> = { plug: "plug", gate: "router", agent: "PC" };

function Row({ thing, told, now_ms }: { thing: Thing; told: Told; now_ms: number }): JSX.Element {
  const stale = isStale(thing, told.at_ms, now_ms);
  const old_s = age_s(thing, told.at_ms, now_ms);
  const { words, tone, was } = stateOf(thing);
  const since_s = thing.since_s + old_s - thing.age_s;
  return (
    <li class="row" data-stale={stale}>
      <span class="row-words">
        {thing.kind !== "box" && <strong>{thing.name} <span class="soft">{KIND_WORDS[thing.kind] ?? ""}</span></strong>}
        {thing.words !== "" && <span>{thing.words}</span>}
        <span class="health-figures number">{figuresOf(thing).join(" · ")}</span>
        <span class="soft number">as of {old_s < 5 ? "now" : `${span(old_s)} ago`}{since_s >= 120 && ` · so for ${span(since_s)}`}</span>
      </span>
      <Badge tone={stale ? "calm" : tone}>{stale ? was : words}</Badge>
    </li>
  );
}
