/** Who may log in, as what; invitations; and tokens for programs. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { OwnerRole } from "@holdfast/protocol";
import { Badge, Face } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, day, Page } from "../page";
import { Asked, useAsked } from "../states";
import type { SectionProps } from "../views";
import { Invite } from "./invite";
import { Bind, reachWords, useBrands, type Reach } from "./reach";
import { ROLE_WORDS } from "./roles";
import { Tokens } from "./tokens";

interface Colleague {
  user_id: string;
  email: string;
  name: string;
  role: OwnerRole;
  since: string;
  you: boolean;
  reach: Reach;
}

interface Pending {
  invitation_id: string;
  email: string;
  role: OwnerRole;
  invited_by: string;
  expires_at: string;
  reach: Reach;
}

interface People {
  people: Colleague[];
  invitations: Pending[];
}

export function Team({ fleet }: SectionProps): JSX.Element {
  const asked = useAsked<People>(fleet, "/api/people");
  const brands = useBrands(fleet);
  const where = (reach: Reach): string => reachWords(fleet, brands, reach);
  return (
    <Page title="Team" about="Who may use this dashboard. Who works at a venue, with a PIN, stands under that venue.">
      <Asked of={asked} waiting="Fetching your team…">
        {({ people, invitations }) => (
          <Card title="People" actions={<Invite fleet={fleet} onChange={asked.again} />}>
            <ul class="rows">
              {people.map((person) => <Person key={person.user_id} fleet={fleet} person={person} where={where(person.reach)} onChange={asked.again} />)}
              {invitations.map((pending) => <Awaited key={pending.invitation_id} fleet={fleet} pending={pending} where={where(pending.reach)} onChange={asked.again} />)}
            </ul>
          </Card>
        )}
      </Asked>
      <Tokens fleet={fleet} brands={brands} />
    </Page>
  );
}

function Person({ fleet, person, where, onChange }: { fleet: Fleet; person: Colleague; where: string; onChange: () => void }): JSX.Element {
  const sure = useSignal(false);
  const binding = useSignal(false);
  const act = useAct();
  const path = `/api/people/${person.user_id}`;
  const become = (role: string): void =>
    act.run(async () => {
      try {
        await fleet.ask("PATCH", path, { role });
      } finally {
        onChange();
      }
    });
  const remove = (): void =>
    act.run(async () => {
      await fleet.ask("DELETE", path);
      onChange();
    });
  const name = person.name || person.email;
  return (
    <li class="row">
      <Face id={person.user_id} name={name} />
      <span class="row-words">
        <strong>{name} {person.you && <Badge>you</Badge>}</strong>
        <span class="soft">{person.email} · since {day(person.since)}</span>
        {person.reach !== null && <span class="menu-badges"><Badge tone="good">{where}</Badge></span>}
        {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
      </span>
      <select class="input select" aria-label={`Role of ${name}`} value={person.role} disabled={act.busy} onChange={(event) => become(event.currentTarget.value)}>
        {Object.entries(ROLE_WORDS).map(([role, words]) => <option key={role} value={role}>{words}</option>)}
      </select>
      {person.role !== "owner" && <button type="button" class="button small" aria-label={`Where ${name} may act`} onClick={() => (binding.value = true)}>Where…</button>}
      {binding.value && (
        <Bind fleet={fleet} name={name} reach={person.reach} path={path} beside={{ role: person.role }} onChange={onChange} onClose={() => (binding.value = false)}
          about="They see and change what is chosen here and nothing else; it holds from their next click." />
      )}
      {sure.value
        ? <button type="button" class="button small danger" disabled={act.busy} onClick={remove} onBlur={() => (sure.value = false)}>Really remove</button>
        : <button type="button" class="button small" aria-label={`Remove ${name}`} onClick={() => (sure.value = true)}>Remove</button>}
    </li>
  );
}

function Awaited({ fleet, pending, where, onChange }: { fleet: Fleet; pending: Pending; where: string; onChange: () => void }): JSX.Element {
  const act = useAct();
  const takeBack = (): void =>
    act.run(async () => {
      await fleet.ask("DELETE", `/api/invitations/${pending.invitation_id}`);
      onChange();
    });
  return (
    <li class="row">
      <Face id={pending.invitation_id} name="?" />
      <span class="row-words">
        <strong>{pending.email} <Badge tone="warn">invited</Badge></strong>
        {pending.reach !== null && <span class="menu-badges"><Badge tone="good">{where}</Badge></span>}
        <span class="soft">{ROLE_WORDS[pending.role]} · by {pending.invited_by} · until {day(pending.expires_at)}</span>
        {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
      </span>
      <button type="button" class="button small" disabled={act.busy} onClick={takeBack}>Take back</button>
    </li>
  );
}
