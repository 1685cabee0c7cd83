/** Signs an owner in; the session itself is a cookie that scripts cannot read. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Logo, Refused } from "@holdfast/pages";
import type { Fleet } from "./fleet";

export function Login({ fleet }: { fleet: Fleet }): JSX.Element {
  const email = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await fleet.signIn(email.value.trim(), password.value);
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : "The cloud does not answer. Please try again.";
      busy.value = false;
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={submit}>
        <Logo />
        <h1>Your venues, whatever the weather</h1>
        <label class="field">
          <span>E-mail</span>
          <input class="input" name="email" type="email" required autofocus autocomplete="username" value={email.value}
            onInput={(event) => (email.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Password</span>
          <input class="input" name="password" type="password" required autocomplete="current-password" value={password.value}
            onInput={(event) => (password.value = event.currentTarget.value)} />
        </label>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "Signing in…" : "Sign in"}</button>
      </form>
    </main>
  );
}
