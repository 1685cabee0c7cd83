/** API tokens: what programs call with, each with as little power as it needs. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Badge, Sheet } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, day } from "../page";
import { Asked, useAsked } from "../states";
import { Once } from "./once";
import { Bind, ReachField, reachWords, type Brands, type Reach } from "./reach";

interface Token {
  token_id: string;
  name: string;
  scopes: string[];
  created_by: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  reach: Reach;
}

interface TokenList {
  tokens: Token[];
  scopes: Record<string, string>;
}

export function Tokens({ fleet, brands }: { fleet: Fleet; brands: Brands["brands"] }): JSX.Element {
  const asked = useAsked<TokenList>(fleet, "/api/tokens");
  const open = useSignal(false);
  return (
    <Card title="API tokens" about="For programs of your own. What each may call is at /openapi.json."
      actions={<button type="button" class="button" onClick={() => (open.value = true)}>Make a token</button>}>
      <Asked of={asked} waiting="Fetching tokens…">
        {({ tokens, scopes }) => (
          <>
            {tokens.length === 0 && <p class="soft">There are none.</p>}
            <ul class="rows">{tokens.map((token) => <Row key={token.token_id} fleet={fleet} token={token} where={reachWords(fleet, brands, token.reach)} onChange={asked.again} />)}</ul>
            {open.value && <Make fleet={fleet} brands={brands} scopes={scopes} onChange={asked.again} onClose={() => (open.value = false)} />}
          </>
        )}
      </Asked>
    </Card>
  );
}

function Row({ fleet, token, where, onChange }: { fleet: Fleet; token: Token; where: string; onChange: () => void }): JSX.Element {
  const act = useAct();
  const binding = useSignal(false);
  const path = `/api/tokens/${token.token_id}`;
  const revoke = (): void =>
    act.run(async () => {
      await fleet.ask("DELETE", path);
      onChange();
    });
  const over = token.expires_at !== null && Date.parse(token.expires_at) < Date.now();
  return (
    <li class="row">
      <span class="row-words">
        <strong>{token.name} {over && <Badge tone="bad">has run out</Badge>}</strong>
        <span class="soft">
          {token.scopes.join(", ")} · {token.last_used_at ? `used ${day(token.last_used_at)}` : "never used"} · {token.expires_at ? `until ${day(token.expires_at)}` : "without end"}
        </span>
        {token.reach !== null && <span class="menu-badges"><Badge tone="good">{where}</Badge></span>}
        {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
      </span>
      <button type="button" class="button small" aria-label={`Where ${token.name} may act`} onClick={() => (binding.value = true)}>Where…</button>
      {binding.value && (
        <Bind fleet={fleet} name={token.name} reach={token.reach} path={path} onChange={onChange} onClose={() => (binding.value = false)}
          about="The program sees and changes what is chosen here and nothing else; it holds from its next call." />
      )}
      <button type="button" class="button small" aria-label={`Revoke ${token.name}`} disabled={act.busy} onClick={revoke}>Revoke</button>
    </li>
  );
}

interface MakeProps {
  fleet: Fleet;
  brands: Brands["brands"];
  scopes: Record<string, string>;
  onChange: () => void;
  onClose: () => void;
}

function Make({ fleet, brands, scopes, onChange, onClose }: MakeProps): JSX.Element {
  const name = useSignal("");
  const chosen = useSignal<string[]>([]);
  const days = useSignal("90");
  const reach = useSignal<Reach>(null);
  const made = useSignal<string | null>(null);
  const act = useAct();
  const toggle = (scope: string): void => {
    chosen.value = chosen.value.includes(scope) ? chosen.value.filter((each) => each !== scope) : [...chosen.value, scope];
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const body = { name: name.value, scopes: chosen.value, days: days.value === "" ? null : Number(days.value), reach: reach.value };
      made.value = (await fleet.ask<{ token: string }>("POST", "/api/tokens", body)).token;
      onChange();
    });
  };
  return (
    <Sheet label="Make a token" onClose={onClose}>
      {made.value ? <Once title="Your token" words="Keep it where only the program finds it; it is not shown again." text={made.value} onDone={onClose} /> : (
        <form class="form" onSubmit={submit}>
          <h2>Make a token</h2>
          <label class="field">
            <span>What is it for?</span>
            <input class="input" required maxLength={80} autofocus value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
          </label>
          <fieldset class="checks">
            <legend>It may</legend>
            {Object.entries(scopes).map(([scope, words]) => (
              <label key={scope} class="check">
                <input type="checkbox" checked={chosen.value.includes(scope)} onChange={() => toggle(scope)} />
                <span>{words} <code class="soft">{scope}</code></span>
              </label>
            ))}
          </fieldset>
          <ReachField fleet={fleet} brands={brands} reach={reach} />
          <label class="field">
            <span>It ends after</span>
            <select class="input" value={days.value} onChange={(event) => (days.value = event.currentTarget.value)}>
              <option value="30">30 days</option><option value="90">90 days</option><option value="365">a year</option><option value="">never</option>
            </select>
          </label>
          {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
          <button type="submit" class="button go wide" disabled={act.busy || chosen.value.length === 0 || reach.value?.length === 0}>Make it</button>
        </form>
      )}
    </Sheet>
  );
}
