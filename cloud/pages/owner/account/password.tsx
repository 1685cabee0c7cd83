/** A new password, which ends every other login session. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card } from "../page";

export function Password({ fleet }: { fleet: Fleet }): JSX.Element {
  const before = useSignal("");
  const after = useSignal("");
  const done = useSignal(false);
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    done.value = false;
    act.run(async () => {
      await fleet.ask("POST", "/api/account/password", { password: before.value, new_password: after.value });
      before.value = after.value = "";
      done.value = true;
    });
  };
  return (
    <Card title="Password" about="A new one signs you out everywhere else.">
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>Password now</span>
          <input class="input" type="password" required autocomplete="current-password" value={before.value} onInput={(event) => (before.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>New password, ten characters or more</span>
          <input class="input" type="password" required minLength={10} autocomplete="new-password" value={after.value} onInput={(event) => (after.value = event.currentTarget.value)} />
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        {done.value && <p class="good-news" role="status">Your password is changed.</p>}
        <button type="submit" class="button" disabled={act.busy}>Change password</button>
      </form>
    </Card>
  );
}
