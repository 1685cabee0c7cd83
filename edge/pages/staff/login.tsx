/** Signing in with user and PIN: those who were here lately by a tap on their name, digits on keys for thumbs. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { ask, Face, Logo, Refused } from "@holdfast/pages";
import { Keys } from "./keys";
import { lately, type Person } from "./person";

/** `worn`: the token that this tablet had is no longer accepted. */
export function Login({ worn, onDone }: { worn: boolean; onDone: (person: Person) => void }): JSX.Element {
  const known = lately();
  const user = useSignal(known[0]?.user ?? "");
  const typing = useSignal(known.length === 0);
  const pin = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(worn ? "Please sign in again." : null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value || !user.value.trim() || !pin.value) return;
    busy.value = true;
    problem.value = null;
    try {
      const body = { user: user.value.trim(), pin: pin.value };
      onDone((await ask<Person>("POST", "/api/v1/auth/pin", { body })).body);
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : "The box does not answer. Check the network, then try again.";
      pin.value = "";
      busy.value = false;
    }
  };
  const choose = (name: string): void => {
    user.value = name;
    typing.value = false;
    pin.value = "";
    problem.value = null;
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={submit}>
        <Logo />
        <h1>Staff</h1>
        {known.length > 0 && (
          <div class="login-people" role="group" aria-label="Who are you?">
            {known.map((each) => (
              <button key={each.user} type="button" class="login-person" aria-pressed={!typing.value && each.user === user.value} onClick={() => choose(each.user)}>
                <Face id={each.user} name={each.name} />
                <span>{each.name}</span>
              </button>
            ))}
            <button type="button" class="login-person" aria-pressed={typing.value} onClick={() => { choose(""); typing.value = true; }}>
              <span class="face other" aria-hidden="true">+</span>
              <span>Somebody else</span>
            </button>
          </div>
        )}
        {typing.value && (
          <label class="field">
            <span>User</span>
            <input class="input" name="user" required autofocus autocomplete="username" autocapitalize="none" value={user.value}
              onInput={(event) => (user.value = event.currentTarget.value)} />
          </label>
        )}
        <label class="field">
          <span>PIN</span>
          <input class="input pin" name="pin" type="password" required inputMode="numeric" autocomplete="current-password" value={pin.value}
            onInput={(event) => (pin.value = event.currentTarget.value)} />
        </label>
        <Keys value={pin.value} onChange={(next) => (pin.value = next)} />
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "Signing in…" : "Sign in"}</button>
        <p class="soft login-foot">Works without the internet. <a href="/kitchen">Kitchen screen</a></p>
      </form>
    </main>
  );
}
