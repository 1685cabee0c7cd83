/** The release that a box runs and the one that waits: why, when the venue is closed, and *now*. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { uuid7 } from "@holdfast/protocol";
import { Badge, Sheet, type Tone } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { HoursEditor } from "../menu/hours";
import type { Hours } from "../menu/shapes";
import { Asked, useAsked } from "../states";
import "./release.css";

/** Counterpart: `BoxRelease` in `cloud/store/link/releases.py`. */
export interface BoxRelease {
  ring: Ring;
  running: string;
  version: string;
  state: string;
  reason: string;
  told_at: string | null;
}

type Ring = "first" | "some" | "all";

interface Shown {
  box: BoxRelease;
  trials: { version: string; state: string; reason: string; began_at: string; told_at: string }[];
  opening: Hours[];
  timezone: string;
}

const STATES: Readonly<Record<string, { words: string; tone: Tone }>> = {
  offered: { words: "is offered", tone: "calm" },
  downloading: { words: "is on its way to the box", tone: "calm" },
  downloaded: { words: "is on the box", tone: "calm" },
  waiting: { words: "waits", tone: "warn" },
  installing: { words: "is being put in place", tone: "calm" },
  installed: { words: "was put in place", tone: "good" },
  rolled_back: { words: "was taken back", tone: "bad" },
  refused: { words: "was refused", tone: "bad" },
};

const RINGS: readonly { ring: Ring; words: string; about: string }[] = [
  { ring: "first", words: "Among the first", about: "for venues whose people do not mind a surprise" },
  { ring: "some", words: "With some others", about: "once the first ones are content" },
  { ring: "all", words: "With everybody", about: "once it has proved itself" },
];

const AGAIN_MS = 3_000;
const ENDED = ["installed", "rolled_back", "refused"];

/** What the card of a box says of its release; null for a box that never said. */
export function releaseWords({ running, version, state, reason }: BoxRelease): { words: string; tone: Tone } | null {
  if (!running) return null;
  const runs = `Runs release ${running}`;
  const stands = STATES[state];
  if (!stands || state === "installed") return { words: runs, tone: "good" };
  return { words: `${runs}; ${version} ${stands.words}${reason ? `: ${reason}` : ""}`, tone: stands.tone };
}

export function ReleaseSheet({ fleet, venue_id, venue, onClose }: { fleet: Fleet; venue_id: string; venue: string; onClose: () => void }): JSX.Element {
  const base = `/api/venues/${venue_id}`;
  const asked = useAsked<Shown>(fleet, `${base}/release`);
  useEffect(() => {
    const timer = setInterval(() => asked.again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [base]);
  const runs = fleet.account.value?.role === "owner" || fleet.account.value?.role === "manager";
  return (
    <Sheet label={`Releases at ${venue}`} onClose={onClose}>
      <h2>Releases at {venue}</h2>
      <Asked of={asked} waiting="Asking…">
        {(shown) => (
          <>
            <Standing shown={shown} />
            {runs && shown.box.version && !["installed", "installing"].includes(shown.box.state) && <Now fleet={fleet} base={base} box={shown.box} again={asked.again} />}
            {runs && <When key={JSON.stringify([shown.opening, shown.box.ring])} fleet={fleet} base={base} shown={shown} again={asked.again} />}
            <Trials shown={shown} />
          </>
        )}
      </Asked>
    </Sheet>
  );
}

function Standing({ shown: { box } }: { shown: Shown }): JSX.Element {
  const said = releaseWords(box);
  if (!said) return <p class="soft">The box has not said yet which release it runs. Boxes of release 0.1 never do; the first upgrade is made on the spot, from a stick.</p>;
  return <p role="status" class="release-stands"><Badge tone={said.tone}>{box.state && !ENDED.includes(box.state) ? box.version : box.running}</Badge> {said.words}.</p>;
}

interface PartProps {
  fleet: Fleet;
  base: string;
  again: () => void;
}

/** A repeat after a lost answer goes out under the same id, and is done once. */
function Now({ fleet, base, box, again }: PartProps & { box: BoxRelease }): JSX.Element {
  const act = useAct();
  const insist = useSignal(false);
  const command_id = useSignal(uuid7());
  const sent = useSignal("");
  const press = (): void =>
    act.run(async () => {
      const ask = { kind: "upgrade", version: box.version, insist: insist.value };
      await fleet.ask("POST", `${base}/commands`, { ask, command_id: command_id.value, ttl_s: 3_600 });
      sent.value = box.version;
      command_id.value = uuid7();
      again();
    });
  return (
    <section class="release-part" aria-label="Upgrade now">
      <p>The box is away for about a minute and watches itself for five. If anything is wrong it goes back by itself, and loses nothing.</p>
      <label class="release-pick"><input type="checkbox" checked={insist.value} onChange={(event) => (insist.value = event.currentTarget.checked)} /><span>Even with tickets open, players at stations and guests at tables</span></label>
      <button type="button" class="button wide go" disabled={act.busy} onClick={press}>{act.busy ? "Asking…" : `Upgrade to ${box.version} now`}</button>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {sent.value && !act.problem && <p class="soft" role="status">Asked. It is tried for an hour; what becomes of it is on the venue's page, under Commands.</p>}
    </section>
  );
}

function When({ fleet, base, shown, again }: PartProps & { shown: Shown }): JSX.Element {
  const act = useAct();
  const hours = useSignal<Hours[]>(shown.opening);
  const ring = useSignal<Ring>(shown.box.ring);
  const same = JSON.stringify([hours.value, ring.value]) === JSON.stringify([shown.opening, shown.box.ring]);
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", `${base}/release`, { opening: hours.value, ring: ring.value });
      again();
    });
  };
  return (
    <form class="release-part" onSubmit={save}>
      <h3>When the venue is open</h3>
      <p class="soft">By {shown.timezone}. A release is put in place by itself only while nobody is there.</p>
      <HoursEditor hours={hours.value} onHours={(value) => (hours.value = value)} unsaid="Nobody has said. Until then a release waits for somebody to press the button." />
      <h3>How early it gets a release</h3>
      {RINGS.map((each) => (
        <label key={each.ring} class="release-pick"><input type="radio" name="ring" checked={ring.value === each.ring} onChange={() => (ring.value = each.ring)} /><span><strong>{each.words}</strong><span class="soft">{each.about}</span></span></label>
      ))}
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <button type="submit" class="button wide" disabled={act.busy || same}>{act.busy ? "Saving…" : "Save"}</button>
    </form>
  );
}

function Trials({ shown: { trials } }: { shown: Shown }): JSX.Element | null {
  if (trials.length === 0) return null;
  return (
    <section class="release-part" aria-label="Earlier releases">
      <h3>What became of releases here</h3>
      <ul class="rows">
        {trials.map((each) => (
          <li key={each.version} class="row">
            <span class="row-words"><strong>{each.version}</strong><span class="soft">{[new Date(each.told_at).toLocaleDateString(undefined, { day: "numeric", month: "long" }), each.reason].filter(Boolean).join(" · ")}</span></span>
            <Badge tone={STATES[each.state]?.tone ?? "calm"}>{STATES[each.state]?.words ?? each.state}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
