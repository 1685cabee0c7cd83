/** One station in a sheet: start, or extend, pause, move, stop; each is one more tap. What is done the box has said. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type PlaySession, type Station } from "@holdfast/protocol";
import { Badge, clockface, played_s, remaining_s, Sheet, span } from "@holdfast/pages";
import { useActs } from "../acts";
import type { Desk } from "../desk";
import type { House } from "../house";
import { serves } from "../person";
import { BOOKINGS } from "../bookings/bookings";
import { dayWords } from "../bookings/day";
import { Icon } from "../icons";
import { addressOf } from "../route";
import type { ActProps } from "./acting";
import { ByCard } from "./by_card";
import { Playing } from "./playing";
import { bookedSoon, STANDING_WORDS, standingOf, troubleOf } from "./standing";
import { Starting } from "./starting";
import { ticks } from "./ticks";

const SETTLE_MS = 600;

export interface SheetProps {
  station: Station;
  house: House;
  desk: Desk;
  onClose: () => void;
}

export function StationSheet({ station, house, desk, onClose }: SheetProps): JSX.Element {
  const { busy, said, card, act } = useActs();
  const settling = useSettling(station.session?.id ?? "");
  const onCard = (payment_id: string): void => void (card.value = payment_id);
  const props = { station, house, desk, busy: busy || settling, act, onCard };
  if (card.value !== null) return <ByCard key={card.value} payment_id={card.value} house={house} desk={desk} onClose={() => (card.value = null)} />;
  return (
    <Sheet label={station.name} onClose={onClose} class="tall">
      <div class="stack station-sheet">
        <Head station={station} />
        {station.booked && serves(desk.me) && <a class="station-next" href={addressOf("stations", BOOKINGS, station.booked.date, station.booked.id)}><span>Booked {bookedSoon(station, Date.now()) ? "" : `${dayWords(station.booked.date)}, `}{station.booked.at} for {station.booked.name}</span><Icon name="next" /></a>}
        {/* A sheet lies over the page's own notices. */}
        <p class="verdict said" role="status" data-tone={said.value?.tone}>{said.value?.words}</p>
        {!serves(desk.me)
          ? <p class="soft">Waiters and managers start and stop play.</p>
          : station.session ? <Playing key={station.session.id} {...props} session={station.session} /> : <Starting {...props} />}
        {serves(desk.me) && <Service {...props} />}
      </div>
    </Sheet>
  );
}

/**
 * True for a moment after the sheet has turned into another one, because a colleague started or stopped here just now:
 * a finger on its way to 'an hour' must not land on 'an hour more'.
 */
function useSettling(what: string): boolean {
  const settled = useSignal(what);
  useEffect(() => {
    const timer = setTimeout(() => (settled.value = what), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [what]);
  return settled.value !== what;
}

function Head({ station }: { station: Station }): JSX.Element {
  const { session } = station;
  const standing = standingOf(station, ticks.value);
  const trouble = troubleOf(station);
  return (
    <header class="station-top" data-play={standing}>
      <div>
        <h2>{station.name}</h2>
        <p class="soft">{[station.zone, station.kind === "pc" ? "PC" : "Console", station.power_w === null ? "" : `${Math.round(station.power_w)} W`].filter(Boolean).join(" · ")}</p>
      </div>
      {session && session.status !== "AWAITING" ? <Time session={session} /> : <Badge tone={standing === "free" ? "good" : "warn"}>{STANDING_WORDS[standing]}</Badge>}
      {trouble && <p class="verdict warn station-wide" role="alert">The {trouble}.</p>}
    </header>
  );
}

function Time({ session }: { session: PlaySession }): JSX.Element {
  if (session.payment_method === "POSTPAID") {
    return <p class="station-big"><strong class="number" role="timer">{clockface(played_s(session, ticks.value))}</strong><span class="soft">played, {formatMoney(session.due_minor, session.currency)} so far</span></p>;
  }
  const paid = session.amount_minor > 0 ? `, ${formatMoney(session.amount_minor, session.currency)} paid` : "";
  return <p class="station-big"><strong class="number" role="timer">{clockface(remaining_s(session, ticks.value))}</strong><span class="soft">{session.status === "PAUSED" ? "left, time stands" : `left${paid}`}</span></p>;
}

function Service({ station, desk, busy, act }: ActProps): JSX.Element {
  const out = station.status === "MAINTENANCE";
  const agent = station.agent;
  const toggle = (): Promise<void> => act(async () => {
    await desk.send(`/api/v1/stations/${encodeURIComponent(station.id)}/maintenance`, { on: !out });
    return out ? "Back in service." : "Out of service.";
  });
  const heard = typeof agent["heard_ms"] === "number" ? agent["heard_ms"] : null;
  return (
    <footer class="station-service">
      {station.kind === "pc" && (
        <p class="soft">
          {agent["online"] === true ? "Its agent is connected" : "Its agent is not connected"}
          {typeof agent["cpu"] === "number" && `, CPU ${Math.round(agent["cpu"])} %`}
          {typeof agent["ram"] === "number" && `, memory ${Math.round(agent["ram"])} %`}
          {heard !== null && agent["online"] !== true && `, last heard ${span((Date.now() - heard) / 1_000)} ago`}
        </p>
      )}
      <button type="button" class="button plain" disabled={busy} onClick={() => void toggle()}>{out ? "Back in service" : "Take out of service"}</button>
    </footer>
  );
}
