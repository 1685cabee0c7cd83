/**
 * Pairing a box: the code that it shows, what box that is, and where it shall be.
 *
 * Somebody may have been talked into typing a stranger's code, so the box is shown before anything is said about it, with
 * the fingerprint that stands on its own screen. Counterpart: `cloud/owners/venues/pairing.py`.
 */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import type { BoxPaired, BoxSeen } from "@holdfast/protocol";
import { count } from "@holdfast/pages";
import { useAct } from "../act";
import type { Venue } from "../figures";
import type { Fleet } from "../fleet";
import { Card, Page } from "../page";
import { addressOf } from "../place";
import type { SectionProps } from "../views";
import "./pairing.css";

/** Of table cards, too: no vowels and no look-alikes. */
const LETTERS = 8;

export function Pairing({ fleet, place }: SectionProps): JSX.Element {
  const code = useSignal(place.more[0] ?? "");
  const seen = useSignal<BoxSeen | null>(null);
  const paired = useSignal<BoxPaired | null>(null);
  return (
    <Page title="Pair a box" about="A box that belongs to nobody shows a code on its page, on its console, or to a manager on the staff's page.">
      {paired.value !== null
        ? <Done paired={paired.value} onAgain={() => ([code.value, seen.value, paired.value] = ["", null, null])} />
        : seen.value === null
          ? <Ask fleet={fleet} code={code} onSeen={(box) => (seen.value = box)} />
          : <Choose fleet={fleet} code={code.value} box={seen.value} onBack={() => (seen.value = null)} onPaired={(done) => (paired.value = done)} />}
    </Page>
  );
}

/** `wdjbmjht` → `WDJB-MJHT`, as it is typed. */
const spelled = (typed: string): string => {
  const letters = typed.toUpperCase().replace(/[^A-Z0-9]/g, "").slice(0, LETTERS);
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
};

function Ask({ fleet, code, onSeen }: { fleet: Fleet; code: Signal<string>; onSeen: (box: BoxSeen) => void }): JSX.Element {
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    const asked = code.value;
    act.run(async () => {
      const box = await fleet.ask<BoxSeen>("POST", "/api/pairing/look", { code: asked });
      // Nobody pairs one box and is shown another.
      if (code.value === asked) onSeen(box);
    });
  };
  return (
    <Card title="The code">
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>As the box shows it</span>
          <input class="input number pairing-code" required autofocus autocomplete="off" autocapitalize="characters" spellcheck={false} minLength={LETTERS} maxLength={LETTERS + 1} placeholder="BCDF-2345" value={spelled(code.value)} onInput={(event) => (code.value = spelled(event.currentTarget.value))} />
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go" disabled={act.busy}>{act.busy ? "Looking…" : "Look at the box"}</button>
      </form>
    </Card>
  );
}

interface ChooseProps {
  fleet: Fleet;
  code: string;
  box: BoxSeen;
  onBack: () => void;
  onPaired: (done: BoxPaired) => void;
}

function Choose({ fleet, code, box, onBack, onPaired }: ChooseProps): JSX.Element {
  const chosen = useSignal<string | null>(box.facts > 0 ? "" : null);
  const act = useAct();
  const venue = fleet.sorted.value.find(({ venue_id }) => venue_id === chosen.value) ?? null;
  const replaces = venue !== null && venue.epoch > 0;
  const yes = (): void =>
    act.run(async () => {
      const where = venue === null ? {} : { venue_id: venue.venue_id, epoch: venue.epoch };
      const done = await fleet.ask<BoxPaired>("POST", "/api/pairing", { code, ...where });
      await fleet.refresh();
      onPaired(done);
    });
  return (
    <>
      <Seen box={box} />
      <Card title="Where it shall be">
        {box.facts > 0 ? <Own box={box} /> : <Places venues={fleet.sorted.value} chosen={chosen} />}
        {replaces && <p class="pairing-warning" role="alert"><strong>{venue.name} has a box.</strong> As soon as this one comes, the present one stops selling for good. What it has not sent by then still counts when it is online again; carts and play sessions go on here.</p>}
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <div class="pairing-acts">
          <button type="button" class={replaces ? "button danger" : "button go"} disabled={act.busy || chosen.value === null} onClick={yes}>{replaces ? `Replace the box of ${venue.name}` : "Pair this box"}</button>
          <button type="button" class="button" disabled={act.busy} onClick={onBack}>Another code</button>
        </div>
      </Card>
    </>
  );
}

function Seen({ box }: { box: BoxSeen }): JSX.Element {
  return (
    <Card title={box.name || "A new box"} about="Compare the fingerprint with the one on the box. If it is another, somebody else's box is asking: say no.">
      <dl class="pairing-facts">
        <div><dt>Fingerprint</dt><dd class="pairing-print">{box.fingerprint}</dd></div>
        <div><dt>Serves</dt><dd>{box.name ? `${count(box.tables, "table")}, ${box.dishes} on the menu` : "nobody yet"}</dd></div>
        <div><dt>Asked from</dt><dd class="number">{box.address}</dd></div>
        <div><dt>Release</dt><dd class="number">{box.release || "unknown"}</dd></div>
      </dl>
    </Card>
  );
}

function Own({ box }: { box: BoxSeen }): JSX.Element {
  return <p>{box.name} has served without a cloud until now. It becomes a venue of its own, with its tables, its menu and all {box.facts} entries of its journal.</p>;
}

function Places({ venues, chosen }: { venues: readonly Venue[]; chosen: Signal<string | null> }): JSX.Element {
  if (venues.length === 0) return <p>You have no venue for it yet. Make one first, or set the box up by itself with <code>holdfast-edge found</code> and pair it then.</p>;
  return (
    <fieldset class="pairing-places">
      <legend class="unseen">Venue</legend>
      {venues.map((venue) => (
        <label key={venue.venue_id} class="pairing-place">
          <input type="radio" name="place" checked={chosen.value === venue.venue_id} onChange={() => (chosen.value = venue.venue_id)} />
          <span><strong>{venue.name}</strong><span class="soft">{venue.epoch > 0 ? "has a box; this one would replace it" : "waits for its first box"}</span></span>
        </label>
      ))}
    </fieldset>
  );
}

function Done({ paired, onAgain }: { paired: BoxPaired; onAgain: () => void }): JSX.Element {
  return (
    <Card title={`${paired.venue_name} has its box`}>
      <p role="status">The box comes for its place within seconds{paired.replaces ? ", fetches what the venue has, and goes on where the former one ended" : ""}. Nothing more has to be done here or there.</p>
      <div class="pairing-acts">
        <a class="button go" href={addressOf("venue", paired.venue_id)}>See it come</a>
        <button type="button" class="button" onClick={onAgain}>Pair another</button>
      </div>
    </Card>
  );
}
