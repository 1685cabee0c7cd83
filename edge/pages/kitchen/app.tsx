/**
 * The kitchen page: sign in once, then the board.
 *
 * Rule of the page: the screen never says 'nothing to do' unless the box was heard to say so.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Banner, clockTime, count, Empty, forget, keep, Logo, recall, span, ticking, Toast, Waiting } from "@holdfast/pages";
import { Board, fireKeyOf } from "./board";
import { Login, type Cook } from "./login";
import { allDay } from "./rail";
import { Bell } from "./sound";
import { Card, ComingCard, DoneCard } from "./card";
import { SoldOut } from "./soldout";

const now = ticking();

export function Kitchen({ station }: { station: string | null }): JSX.Element {
  const cook = useSignal(recall<Cook>("cook"));
  const worn = useSignal(false);
  const signedIn = (who: Cook): void => {
    keep("cook", who);
    worn.value = false;
    cook.value = who;
  };
  const signedOut = (refused: boolean): void => {
    forget("cook");
    worn.value = refused;
    cook.value = null;
  };
  if (!cook.value) return <Login worn={worn.value} onDone={signedIn} />;
  return <Screen cook={cook.value} station={station} onSignOut={signedOut} />;
}

interface ScreenProps {
  cook: Cook;
  station: string | null;
  onSignOut: (refused: boolean) => void;
}

function Screen({ cook, station, onSignOut }: ScreenProps): JSX.Element {
  const bell = useMemo(() => new Bell(), []);
  const board = useMemo(
    () => new Board(cook.token, station, () => bell.ring(), () => onSignOut(true)),
    [cook.token, station],
  );
  useEffect(() => {
    board.start();
    return () => board.stop();
  }, [board]);
  const away = board.link.value !== "live";
  const heard = board.heard_ms.value;
  return (
    <div class="kitchen" data-away={away}>
      <Banner tone="bad" shown={away && heard !== null}>
        Connection lost. Reconnecting... What you see is from {clockTime(heard ?? 0)}; new orders are not shown.
      </Banner>
      <Bar board={board} bell={bell} cook={cook} onSignOut={() => onSignOut(false)} />
      {heard === null ? <Waiting words="Asking the box for open tickets…" /> : <Rails board={board} />}
      <div class="toasts">
        {board.problem.value && <Toast tone="bad" words={board.problem.value} onClose={() => (board.problem.value = null)} />}
      </div>
    </div>
  );
}

function Bar({ board, bell, cook, onSignOut }: { board: Board; bell: Bell; cook: Cook; onSignOut: () => void }): JSX.Element {
  const { cooking, ready } = board.sorted.value;
  const choosing = useSignal(false);
  const place = board.station ?? board.stations.value.join(" · ");
  return (
    <header class="bar">
      <Logo words={false} />
      <h1>{place || "Kitchen"}</h1>
      <p class="bar-counts number">
        <strong>{cooking.length}</strong> to cook
        <strong>{ready.length}</strong> ready
      </p>
      <span class="bar-clock number">{clockTime(now.value + board.skew_ms.value)}</span>
      {!bell.awake.value && <button type="button" class="button go" onClick={() => void bell.waken()}>Turn sound on</button>}
      <button type="button" class="button" onClick={() => (choosing.value = true)}>Sold out</button>
      {choosing.value && <SoldOut token={cook.token} onClose={() => (choosing.value = false)} />}
      <button type="button" class="button" onClick={onSignOut} title={`Signed in as ${cook.user}`}>Sign out</button>
    </header>
  );
}

function Rails({ board }: { board: Board }): JSX.Element {
  const { cooking, coming, ready, done } = board.sorted.value;
  const counts = allDay(cooking);
  const box_now = now.value + board.skew_ms.value;
  const silence_s = (now.value - (board.heard_ms.value ?? 0)) / 1_000;
  return (
    <main class="rails">
      <section class="cooking" aria-label="To cook">
        {cooking.length === 0 && ready.length === 0
          ? (
            <Empty title={board.link.value === "live" ? "All clear" : "Waiting for the box"}>
              <p>The box was heard {span(silence_s)} ago. A new order rings and appears here.</p>
            </Empty>
          )
          : cooking.map((ticket) => <Card key={`${ticket.ticket}@${ticket.station}`} ticket={ticket} board={board} now_ms={box_now} />)}
      </section>
      <aside class="beside">
        {ready.length > 0 && (
          <section aria-label="Ready to serve">
            <h2>Ready to serve</h2>
            {ready.map((ticket) => <Card key={`${ticket.ticket}@${ticket.station}`} ticket={ticket} board={board} now_ms={box_now} />)}
          </section>
        )}
        {counts.length > 0 && (
          <section aria-label="All day">
            <h2>All day</h2>
            <ul class="all-day">{counts.map(([name, qty]) => <li key={name}><strong class="number">{qty}</strong> {name}</li>)}</ul>
          </section>
        )}
        {coming.length > 0 && (
          <section aria-label="Coming">
            <h2>Coming</h2>
            {coming.map((each) => <ComingCard key={fireKeyOf(each)} coming={each} board={board} />)}
          </section>
        )}
        {done.length > 0 && (
          <section aria-label="Done">
            <h2>{count(done.length, "ticket")} done lately</h2>
            {done.map((ticket) => <DoneCard key={`${ticket.ticket}@${ticket.station}`} ticket={ticket} board={board} />)}
          </section>
        )}
      </aside>
    </main>
  );
}
