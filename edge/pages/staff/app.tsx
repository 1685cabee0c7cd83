/**
 * The staff page: sign in, then tabs over one live picture of the house.
 *
 * Rule of the page: nothing is shown as done before the box has said so, and what is shown while the box is away says
 * from when it is.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Empty, Face, Logo, Toast, Waiting } from "@holdfast/pages";
import { TroubleBanner } from "./banner";
import { Desk } from "./desk";
import { House } from "./house";
import { Icon } from "./icons";
import { Login } from "./login";
import { forgetPerson, remember, rememberedPerson, type Person } from "./person";
import { addressOf, place } from "./route";
import { UnsentStrip } from "./stored/unsent";
import { TABS, type Tab } from "./tabs";

export function StaffPage(): JSX.Element {
  const me = useSignal(rememberedPerson());
  const worn = useSignal(false);
  const signedIn = (person: Person): void => {
    remember(person);
    worn.value = false;
    me.value = person;
  };
  const signedOut = (refused: boolean): void => {
    forgetPerson();
    worn.value = refused;
    me.value = null;
  };
  if (!me.value) return <Login worn={worn.value} onDone={signedIn} />;
  return <Screen key={me.value.token} me={me.value} onSignOut={signedOut} />;
}

function Screen({ me, onSignOut }: { me: Person; onSignOut: (refused: boolean) => void }): JSX.Element {
  const house = useMemo(() => new House(me, () => onSignOut(true)), []);
  const desk = useMemo(() => new Desk(me, () => onSignOut(true), () => onSignOut(false)), []);
  useEffect(() => {
    house.start();
    return () => house.stop();
  }, [house]);
  const shown = TABS.filter((tab) => tab.shown?.(me, house) ?? true);
  const tab = shown.find((each) => each.id === place.value.tab);
  return (
    <div class="staff" data-away={!house.live.value && house.heard_ms.value !== null}>
      <TroubleBanner house={house} />
      <UnsentStrip house={house} />
      <Rail tabs={shown} house={house} me={me} onSignOut={desk.leave} />
      {house.heard_ms.value === null
        ? <main class="view"><Waiting words={house.line.value === "waiting" ? "The box does not answer yet. Trying again…" : "Asking the box how things stand…"} /></main>
        : <View tab={tab} house={house} desk={desk} />}
      <Notices desk={desk} />
    </div>
  );
}

function View({ tab, house, desk }: { tab: Tab | undefined; house: House; desk: Desk }): JSX.Element {
  useEffect(() => {
    document.title = `${tab?.name ?? "Staff"} · Holdfast`;
  }, [tab]);
  if (!tab) return <main class="view"><Empty title="There is nothing here"><a class="button" href={addressOf("floor")}>To the floor</a></Empty></main>;
  return <tab.view key={tab.id} house={house} desk={desk} rest={place.value.rest} />;
}

interface RailProps {
  tabs: readonly Tab[];
  house: House;
  me: Person;
  onSignOut: () => void;
}

/** Beside the view on a wide screen, below it under the thumbs on a phone. */
function Rail({ tabs, house, me, onSignOut }: RailProps): JSX.Element {
  return (
    <nav class="rail" aria-label="Tabs">
      <span class="rail-logo"><Logo words={false} /></span>
      {tabs.map((tab) => {
        const wanting = tab.count?.(house) ?? 0;
        return (
          <a key={tab.id} class="rail-tab" href={addressOf(tab.id)} aria-current={tab.id === place.value.tab ? "page" : undefined}>
            <Icon name={tab.icon} />
            <span>{tab.name}</span>
            {wanting > 0 && <span class="rail-count number"><span class="unseen">, </span>{wanting}</span>}
          </a>
        );
      })}
      <button type="button" class="rail-me" onClick={onSignOut} aria-label={`Sign out ${me.name}`} title={`${me.name} · ${me.role}`}>
        <Face id={me.user} name={me.name} />
        <span>Sign out</span>
      </button>
    </nav>
  );
}

function Notices({ desk }: { desk: Desk }): JSX.Element {
  const close = (): void => void (desk.notice.value = null);
  return <div class="toasts">{desk.notice.value && <Toast {...desk.notice.value} onClose={close} />}</div>;
}
