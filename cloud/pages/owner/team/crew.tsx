/** Who works at one venue: names, roles and PINs for its tills and screens. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Face, Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";

interface Person {
  user: string;
  name: string;
  role: string;
}

interface Crew {
  staff: Person[];
  roles: string[];
}

interface Place {
  fleet: Fleet;
  path: string;
  roles: string[];
  onChange: () => void;
}

export function VenueCrew({ fleet, venue }: VenueProps): JSX.Element {
  const path = `/api/venues/${encodeURIComponent(venue.venue_id)}/staff`;
  const asked = useAsked<Crew>(fleet, path);
  const open = useSignal(false);
  return (
    <Asked of={asked} waiting="Fetching who works here…">
      {({ staff, roles }) => {
        const place: Place = { fleet, path, roles, onChange: asked.again };
        return (
          <Card title="Who works here" about={venue.link === "live" ? "A change is at the venue within a second." : "The venue is offline; changes arrive there when it is back."}
            actions={<button type="button" class="button go" onClick={() => (open.value = true)}>Add somebody</button>}>
            {staff.length === 0 && <p class="soft">Nobody yet. Whoever is here signs in at the till and on the kitchen's screen with a PIN.</p>}
            <ul class="rows">{staff.map((person) => <Row key={person.user} place={place} person={person} />)}</ul>
            {open.value && <Hire place={place} onClose={() => (open.value = false)} />}
          </Card>
        );
      }}
    </Asked>
  );
}

function Row({ place, person }: { place: Place; person: Person }): JSX.Element {
  const pin = useSignal<string | null>(null);
  const done = useSignal(false);
  const sure = useSignal(false);
  const act = useAct();
  const path = `${place.path}/${encodeURIComponent(person.user)}`;
  const change = (body: object): void =>
    act.run(async () => {
      await place.fleet.ask("PATCH", path, body);
      done.value = "pin" in body;
      pin.value = null;
      place.onChange();
    });
  const remove = (): void =>
    act.run(async () => {
      await place.fleet.ask("DELETE", path);
      place.onChange();
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    change({ pin: pin.value });
  };
  return (
    <li class="row">
      <Face id={person.user} name={person.name} />
      <span class="row-words">
        <strong>{person.name}</strong>
        <span class="soft">signs in as {person.user}</span>
        {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
        {done.value && <span class="good-news" role="status">The new PIN is on its way to the venue.</span>}
      </span>
      <select class="input select" aria-label={`Role of ${person.name}`} disabled={act.busy} value={person.role} onChange={(event) => change({ role: event.currentTarget.value })}>
        {place.roles.map((role) => <option key={role} value={role}>{role}</option>)}
      </select>
      {pin.value === null
        ? <button type="button" class="button small" aria-label={`New PIN for ${person.name}`} onClick={() => (pin.value = "")}>New PIN</button>
        : (
          <form class="inline-form" onSubmit={submit}>
            <input class="input number" autofocus required inputMode="numeric" autocomplete="off" pattern="[0-9]{4,12}" aria-label={`PIN of ${person.name}`} placeholder="4 digits or more" value={pin.value} onInput={(event) => (pin.value = event.currentTarget.value)} />
            <button type="submit" class="button small go" disabled={act.busy}>Set</button>
          </form>
        )}
      {sure.value
        ? <button type="button" class="button small danger" disabled={act.busy} onClick={remove} onBlur={() => (sure.value = false)}>Really remove</button>
        : <button type="button" class="button small" aria-label={`Remove ${person.name}`} onClick={() => (sure.value = true)}>Remove</button>}
    </li>
  );
}

function Hire({ place, onClose }: { place: Place; onClose: () => void }): JSX.Element {
  const [user, name, role, pin] = [useSignal(""), useSignal(""), useSignal("waiter"), useSignal("")];
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await place.fleet.ask("POST", place.path, { user: user.value, name: name.value, role: role.value, pin: pin.value });
      place.onChange();
      onClose();
    });
  };
  return (
    <Sheet label="Add somebody" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <h2>Add somebody</h2>
        <label class="field"><span>Name</span><input class="input" required autofocus maxLength={40} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} /></label>
        <label class="field"><span>Signs in as</span><input class="input" required maxLength={40} autocapitalize="off" autocomplete="off" pattern="[A-Za-z0-9]+" value={user.value} onInput={(event) => (user.value = event.currentTarget.value)} /></label>
        <label class="field">
          <span>Role</span>
          <select class="input" value={role.value} onChange={(event) => (role.value = event.currentTarget.value)}>{place.roles.map((each) => <option key={each} value={each}>{each}</option>)}</select>
        </label>
        <label class="field"><span>PIN, 4 digits or more</span><input class="input number" required inputMode="numeric" autocomplete="off" pattern="[0-9]{4,12}" value={pin.value} onInput={(event) => (pin.value = event.currentTarget.value)} /></label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy}>Add</button>
      </form>
    </Sheet>
  );
}
