/** Invites somebody: an address and a role go in, a link that works once comes out. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Sheet } from "@holdfast/pages";
import type { OwnerRole } from "@holdfast/protocol";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Once } from "./once";
import { ReachField, useBrands, type Reach } from "./reach";
import { ROLE_WORDS } from "./roles";

export function Invite({ fleet, onChange }: { fleet: Fleet; onChange: () => void }): JSX.Element {
  const open = useSignal(false);
  return (
    <>
      <button type="button" class="button go" onClick={() => (open.value = true)}>Invite somebody</button>
      {open.value && <Form fleet={fleet} onChange={onChange} onClose={() => (open.value = false)} />}
    </>
  );
}

function Form({ fleet, onChange, onClose }: { fleet: Fleet; onChange: () => void; onClose: () => void }): JSX.Element {
  const email = useSignal("");
  const role = useSignal<OwnerRole>("manager");
  const reach = useSignal<Reach>(null);
  const brands = useBrands(fleet);
  const link = useSignal<string | null>(null);
  const bound = role.value === "owner" ? null : reach.value;
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const { path } = await fleet.ask<{ path: string }>("POST", "/api/invitations", { email: email.value, role: role.value, reach: bound });
      link.value = new URL(path, location.href).href;
      onChange();
    });
  };
  return (
    <Sheet label="Invite somebody" onClose={onClose}>
      {link.value ? (
        <Once title="Send them this link" words={`It works once, within seven days, for ${email.value}.`} text={link.value} onDone={onClose} />
      ) : (
        <form class="form" onSubmit={submit}>
          <h2>Invite somebody</h2>
          <label class="field">
            <span>E-mail</span>
            <input class="input" type="email" required autofocus value={email.value} onInput={(event) => (email.value = event.currentTarget.value)} />
          </label>
          <label class="field">
            <span>Role</span>
            <select class="input" value={role.value} onChange={(event) => (role.value = event.currentTarget.value as OwnerRole)}>
              {Object.entries(ROLE_WORDS).map(([key, words]) => <option key={key} value={key}>{words}</option>)}
            </select>
          </label>
          {role.value !== "owner" && <ReachField fleet={fleet} brands={brands} reach={reach} />}
          {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
          <button type="submit" class="button go wide" disabled={act.busy || bound?.length === 0}>Make the link</button>
        </form>
      )}
    </Sheet>
  );
}
