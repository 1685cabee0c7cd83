/** Signs a cook in with user and PIN; the token stays on the device until somebody signs out. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { ask, Logo, Refused } from "@holdfast/pages";

export interface Cook {
  user: string;
  token: string;
}

/** `worn`: the token that this device had is no longer accepted. */
export function Login({ worn, onDone }: { worn: boolean; onDone: (cook: Cook) => void }): JSX.Element {
  const user = useSignal("");
  const pin = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(worn ? "Please sign in again." : null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      const body = { user: user.value.trim(), pin: pin.value };
      const answer = await ask<{ token: string }>("POST", "/api/v1/auth/pin", { body });
      onDone({ user: body.user, token: answer.body.token });
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : "The box does not answer. Check the network, then try again.";
      pin.value = "";
      busy.value = false;
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={submit}>
        <Logo />
        <h1>Kitchen</h1>
        <label class="field">
          <span>User</span>
          <input class="input" name="user" required autofocus autocomplete="username" autocapitalize="none" value={user.value}
            onInput={(event) => (user.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>PIN</span>
          <input class="input" name="pin" type="password" required inputMode="numeric" autocomplete="current-password" value={pin.value}
            onInput={(event) => (pin.value = event.currentTarget.value)} />
        </label>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "Signing in…" : "Sign in"}</button>
      </form>
    </main>
  );
}
