/** Signs a person in; the session itself is a cookie that scripts cannot read. */
import type { ComponentChildren, JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Logo, Refused } from "@holdfast/pages";
import type { Fleet } from "./fleet";
import { problemOf } from "./states";

/** Refusals after which a code of the authenticator is asked for; the password was right. */
const CODE_WANTED = ["totp_required", "wrong_code"];

export function Login({ fleet }: { fleet: Fleet }): JSX.Element {
  const email = useSignal("");
  const password = useSignal("");
  const code = useSignal("");
  const asked = useSignal(false);
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await fleet.signIn(email.value.trim(), password.value, code.value.trim());
    } catch (error) {
      const first = !asked.value;
      asked.value = error instanceof Refused && CODE_WANTED.includes(error.code);
      problem.value = asked.value && first ? null : problemOf(error);
      busy.value = false;
    }
  };
  return (
    <Front title="Your venues, whatever the weather" onSubmit={submit}>
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
      {asked.value && (
        <label class="field">
          <span>Code of your authenticator</span>
          <input class="input number" name="code" required autofocus ref={(field) => field?.focus()} autocomplete="one-time-code" value={code.value}
            onInput={(event) => (code.value = event.currentTarget.value)} />
          <small class="soft">Lost it? Type one of your recovery codes instead.</small>
        </label>
      )}
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "Signing in…" : "Sign in"}</button>
    </Front>
  );
}

export interface FrontProps {
  title: string;
  onSubmit: (event: Event) => void;
  children: ComponentChildren;
}

/** The card before the dashboard, for whoever is not in yet. */
export function Front({ title, onSubmit, children }: FrontProps): JSX.Element {
  return (
    <main class="login">
      <form class="login-card" onSubmit={onSubmit}>
        <Logo />
        <h1>{title}</h1>
        {children}
      </form>
    </main>
  );
}
