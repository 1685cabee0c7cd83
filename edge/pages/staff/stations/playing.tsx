/** A station somebody plays on: more time, a pause, another seat, the end; each is one tap. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type PlaySession, type Station } from "@holdfast/protocol";
import { remaining_s, span } from "@holdfast/pages";
import { Icon } from "../icons";
import { Choices } from "../sheets";
import { InTheWay, warningOf, type Warning } from "./in_the_way";
import { Lending, useLending } from "./lending";
import { usePrices } from "./prices";
import { takes } from "./standing";
import { Agreed, lengthOf } from "./starting";
import type { ActProps } from "./acting";
import { ticks } from "./ticks";

/** What is added most often; the price is asked of the box. */
const MORE_MINUTES: readonly number[] = [30, 60, 120];
/** With less than this left, stopping costs nobody anything. */
const SLIP_S = 60;

export function Playing(props: ActProps & { session: PlaySession }): JSX.Element {
  const { station, session, desk, busy, act, house } = props;
  const path = `/api/v1/sessions/${encodeURIComponent(session.id)}`;
  const paused = session.status === "PAUSED";
  const left_s = session.payment_method === "POSTPAID" ? 0 : remaining_s(session, ticks.value);
  const end = (): Promise<void> => act(async () => {
    const ended = await desk.drop<PlaySession>(path);
    return ended.due_minor > 0 ? `Stopped. ${formatMoney(ended.due_minor, ended.currency)} to pay.` : "Stopped.";
  });
  const toggle = (): Promise<void> => act(async () => {
    await desk.send(`${path}/${paused ? "resume" : "pause"}`);
    return paused ? "Time runs on." : "Time stands.";
  });
  const warning = useSignal<Warning | null>(null);
  const move = (to: Station, despite_booking = false): Promise<void> => act(async () => {
    warning.value = null;
    try {
      await desk.send(`${path}/move`, { station_id: to.id, despite_booking });
    } catch (error) {
      warning.value = warningOf(error, () => void move(to, true));
      throw error;
    }
    return `Moved to ${to.name}.`;
  });
  if (warning.value) return <InTheWay warning={warning.value} busy={busy} onNo={() => (warning.value = null)} />;
  if (session.status === "AWAITING") {
    return (
      <>
        <p class="soft">The station is kept for ten minutes, until the card has paid.</p>
        {session.payment_id && <button type="button" class="button go wide" disabled={busy} onClick={() => props.onCard(session.payment_id!)}>How to pay</button>}
        <button type="button" class="button danger wide" disabled={busy} onClick={() => void end()}>Let it go</button>
      </>
    );
  }
  return (
    <>
      {session.payment_id && <button type="button" class="button go wide" disabled={busy} onClick={() => props.onCard(session.payment_id!)}>More time waits for a card</button>}
      {session.payment_method !== "POSTPAID" && <More {...props} path={path} />}
      <div class="station-acts">
        <button type="button" class="button" disabled={busy} onClick={() => void toggle()}>
          <Icon name={paused ? "play" : "pause"} />{paused ? "Let time run" : "Pause"}
        </button>
        <Stop left_s={left_s} busy={busy} onStop={() => void end()} />
      </div>
      <Move stations={house.stations.value.filter((each) => each.id !== station.id && takes(each))} busy={busy} onMove={(to) => void move(to)} />
    </>
  );
}

/** Somebody's paid time is not taken by a slip of the finger. */
function Stop({ left_s, busy, onStop }: { left_s: number; busy: boolean; onStop: () => void }): JSX.Element {
  const sure = useSignal(false);
  if (left_s < SLIP_S || sure.value) {
    return <button type="button" class="button danger" disabled={busy} onClick={onStop}><Icon name="stop" />{left_s < SLIP_S ? "Stop" : `Stop, ${span(left_s)} lost`}</button>;
  }
  return <button type="button" class="button danger" disabled={busy} onClick={() => (sure.value = true)}><Icon name="stop" />Stop</button>;
}

function More({ station, desk, busy, act, path }: ActProps & { path: string }): JSX.Element {
  const prices = usePrices(desk, station.id);
  const price = (minutes: number): string | null => {
    const offer = prices?.offers.find((each) => each.minutes === minutes);
    return offer && prices ? formatMoney(offer.price_minor, prices.currency) : null;
  };
  const byCard = useSignal(false);
  const { offer, warning, sell } = useLending(act, (body) => desk.insist<PlaySession>(`${path}/extend`, body, { method: "PUT" }));
  const extend = (minutes: number, agreed: object = {}): void =>
    sell({ additional_minutes: minutes, ...(byCard.value ? { payment_method: "CARD" } : {}), ...agreed }, `${lengthOf(minutes)} added.`);
  if (offer.value) return <Lending offer={offer} currency={prices?.currency ?? "EUR"} busy={busy} />;
  if (warning.value) return <InTheWay warning={warning.value} busy={busy} onNo={() => (warning.value = null)} />;
  const ways = <Choices label="Paid by" value={byCard.value} choices={[{ value: false, words: "As before, or cash" }, { value: true, words: "Card" }]} onChoose={(next) => (byCard.value = next)} />;
  if (prices !== null && prices.offers.length === 0) {
    return <>{ways}<Agreed prices={prices} words="Add" ready={!busy} onStart={(minutes, amount) => extend(minutes, { amount })} /></>;
  }
  return (
    <>
      {ways}
      <div class="lengths" role="group" aria-label="More time">
        {MORE_MINUTES.map((minutes) => (
          <button key={minutes} type="button" class="length" disabled={busy || prices === null} onClick={() => extend(minutes)}>
            <strong>+ {lengthOf(minutes)}</strong>
            <span class="number">{price(minutes) ?? "…"}</span>
          </button>
        ))}
      </div>
    </>
  );
}

function Move({ stations, busy, onMove }: { stations: Station[]; busy: boolean; onMove: (to: Station) => void }): JSX.Element {
  if (stations.length === 0) return <p class="soft">No other station is free to move to.</p>;
  return (
    <section class="stack move">
      <h3 class="soft">Move to</h3>
      <div class="targets">
        {stations.map((each) => <button key={each.id} type="button" class="target" disabled={busy} aria-label={`Move to ${each.name}`} onClick={() => onMove(each)}><strong>{each.name}</strong>{each.status === "OFFLINE" && <span class="soft">off</span>}</button>)}
      </div>
    </section>
  );
}
