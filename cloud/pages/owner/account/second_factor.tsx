/**
 * The second factor, from the QR code to the recovery codes.
 *
 *     off --offer--> offered --first code--> on (recovery codes shown, once) --password--> off
 */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Badge } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card } from "../page";
import type { AccountBody } from "./shapes";

interface Offer {
  secret: string;
  address: string;
  picture: string;
}

export interface SecondFactorProps {
  fleet: Fleet;
  account: AccountBody;
  onChange: () => void;
}

export function SecondFactor({ fleet, account, onChange }: SecondFactorProps): JSX.Element {
  const offer = useSignal<Offer | null>(null);
  const codes = useSignal<string[] | null>(null);
  const act = useAct();
  const begin = (): void => act.run(async () => void (offer.value = await fleet.ask<Offer>("POST", "/api/account/totp/offer")));
  const on = (fresh: string[]): void => {
    codes.value = fresh;
    offer.value = null;
    onChange();
  };
  return (
    <Card title="Second factor" about="A code of your phone besides the password, so that a stolen password opens nothing."
      actions={account.second_factor ? <Badge tone="good">on</Badge> : <Badge tone="warn">off</Badge>}>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {codes.value && <Codes codes={codes.value} onDone={() => (codes.value = null)} />}
      {account.second_factor ? <Off fleet={fleet} left={account.recovery_codes_left} onChange={onChange} />
        : offer.value ? <Confirm fleet={fleet} offer={offer.value} onDone={on} />
        : <button type="button" class="button go" disabled={act.busy} onClick={begin}>Set it up</button>}
    </Card>
  );
}

function Confirm({ fleet, offer, onDone }: { fleet: Fleet; offer: Offer; onDone: (codes: string[]) => void }): JSX.Element {
  const code = useSignal("");
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const { recovery_codes } = await fleet.ask<{ recovery_codes: string[] }>("POST", "/api/account/totp/confirm", { code: code.value });
      onDone(recovery_codes);
    });
  };
  return (
    <form class="enrol" onSubmit={submit}>
      <img class="qr" src={offer.picture} alt="QR code for your authenticator" width="220" height="220" />
      <div class="form">
        <p>Scan this with an authenticator app, or type the secret there by hand:</p>
        <code class="secret">{offer.secret.match(/.{1,4}/g)?.join(" ")}</code>
        <label class="field">
          <span>The code that it shows now</span>
          <input class="input number" name="code" required inputMode="numeric" autocomplete="one-time-code" value={code.value} onInput={(event) => (code.value = event.currentTarget.value)} />
        </label>
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go" disabled={act.busy}>Switch on</button>
      </div>
    </form>
  );
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }): JSX.Element {
  return (
    <div class="note good" role="status">
      <p><strong>Keep these recovery codes.</strong> Each signs you in once without your phone. They are not shown again.</p>
      <ul class="codes number">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <button type="button" class="button" onClick={onDone}>I have kept them</button>
    </div>
  );
}

function Off({ fleet, left, onChange }: { fleet: Fleet; left: number; onChange: () => void }): JSX.Element {
  const password = useSignal("");
  const asked = useSignal(false);
  const act = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("POST", "/api/account/totp/disable", { password: password.value });
      onChange();
    });
  };
  return (
    <>
      <p class={left < 3 ? "field-error" : "soft"}>{left} recovery codes left{left < 3 && "; switch it off and on again for new ones"}.</p>
      {asked.value ? (
        <form class="form" onSubmit={submit}>
          <label class="field">
            <span>Your password</span>
            <input class="input" type="password" required autofocus autocomplete="current-password" value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
          </label>
          {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
          <div class="page-actions">
            <button type="submit" class="button danger" disabled={act.busy}>Switch off</button>
            <button type="button" class="button plain" onClick={() => (asked.value = false)}>Leave it on</button>
          </div>
        </form>
      ) : <button type="button" class="button" onClick={() => (asked.value = true)}>Switch off…</button>}
    </>
  );
}
