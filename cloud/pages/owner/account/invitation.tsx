/** Somebody opens the link that they were sent, gives a name and a password, and is in. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { ask, Waiting } from "@holdfast/pages";
import type { OwnerRole } from "@holdfast/protocol";
import type { Fleet } from "../fleet";
import { Front } from "../login";
import { addressOf, FIRST } from "../place";
import { problemOf, Trouble } from "../states";

interface Welcome {
  email: string;
  organisation: string;
  role: OwnerRole;
}

export function Invitation({ fleet, token }: { fleet: Fleet; token: string }): JSX.Element {
  const welcome = useSignal<Welcome | null>(null);
  const name = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);

  const look = (): void => {
    problem.value = null;
    ask<Welcome>("POST", "/api/invitation", { body: { token } }).then(
      ({ body }) => (welcome.value = body),
      (error: unknown) => (problem.value = problemOf(error)),
    );
  };
  useEffect(look, [token]);

  const accept = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await ask("POST", "/api/invitation/accept", { body: { token, name: name.value, password: password.value } });
      location.hash = addressOf(FIRST);
      await fleet.resume();
    } catch (error) {
      problem.value = problemOf(error);
      busy.value = false;
    }
  };
  if (welcome.value === null) {
    return problem.value === null ? <Waiting words="One moment…" /> : <main class="login"><Trouble words={problem.value} onAgain={look} /></main>;
  }
  const { email, organisation, role } = welcome.value;
  return (
    <Front title="Welcome aboard" onSubmit={accept}>
      <p>You are invited to <strong>{organisation}</strong> as <strong>{role}</strong>. You will sign in as {email}.</p>
      <input type="hidden" autocomplete="username" value={email} />
      <label class="field">
        <span>Your name</span>
        <input class="input" required maxLength={80} autocomplete="name" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>A password, ten characters or more</span>
        <input class="input" type="password" required minLength={10} autocomplete="new-password" value={password.value}
          onInput={(event) => (password.value = event.currentTarget.value)} />
      </label>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "One moment…" : "Join"}</button>
    </Front>
  );
}
