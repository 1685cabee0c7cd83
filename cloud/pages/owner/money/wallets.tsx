/** Guests' wallets: what is in them, their statements over all venues, and paying in by card. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { Sheet, Waiting } from "@holdfast/pages";
import { useAct } from "../act";
import type { Fleet } from "../fleet";
import { Card, moment } from "../page";
import { Earlier, PagedTrouble, usePaged } from "../paged";
import { Trouble, useAsked } from "../states";
import type { Statement, StatementRow, Wallet } from "./shapes";
import { kindWords } from "./words";

const AMOUNTS_MINOR = [1000, 2000, 5000, 10000];

export function Wallets({ fleet, cards, mayTopUp }: { fleet: Fleet; cards: boolean; mayTopUp: boolean }): JSX.Element | null {
  const asked = useAsked<{ wallets: Wallet[] }>(fleet, "/api/wallets");
  const open = useSignal<Wallet | null>(null);
  if (asked.body !== null && asked.body.wallets.length === 0) return null;
  return (
    <Card title="Guests' wallets">
      {asked.problem && <Trouble words={asked.problem} onAgain={asked.again} />}
      <ul class="rows">{asked.body?.wallets.map((wallet) => (
        <li class="row" key={wallet.wallet_id}>
          <span class="row-words">
            <strong>{wallet.name}</strong>
            <span class="soft">{wallet.wallet_id}{wallet.granted_minor > 0 && ` · ${formatMoney(wallet.granted_minor, wallet.currency)} of it at venues`}</span>
          </span>
          <button type="button" class="button plain" onClick={() => (open.value = wallet)}>Statement</button>
          <strong class="number">{formatMoney(wallet.free_minor + wallet.granted_minor, wallet.currency)}</strong>
        </li>
      ))}</ul>
      {open.value && <StatementSheet fleet={fleet} wallet={open.value} cards={cards && mayTopUp} mayChange={mayTopUp} onClose={() => (open.value = null)} />}
    </Card>
  );
}

interface StatementProps {
  fleet: Fleet;
  wallet: Wallet;
  /** Paying in by card is possible and allowed. */
  cards: boolean;
  mayChange: boolean;
  onClose: () => void;
}

function StatementSheet({ fleet, wallet, cards, mayChange, onClose }: StatementProps): JSX.Element {
  const list = usePaged(fleet, `/api/wallets/${encodeURIComponent(wallet.wallet_id)}/statement`, (page: Statement) => page.rows);
  return (
    <Sheet label={`Statement of ${wallet.name}`} onClose={onClose}>
      <div class="money-sheet">
        <h2>{wallet.name}</h2>
        <PagedTrouble of={list} />
        {list.rows === null && !list.problem && <Waiting words="Fetching the statement…" />}
        {list.rows?.length === 0 && <p class="soft">Nothing has happened to this wallet yet.</p>}
        <ul class="rows">{list.rows?.map((row) => <Movement key={row.number} row={row} currency={wallet.currency} />)}</ul>
        <Earlier of={list} />
        {cards && <TopUp fleet={fleet} wallet={wallet} />}
        {mayChange && <Address fleet={fleet} wallet={wallet} />}
      </div>
    </Sheet>
  );
}

/** What moves between the wallet and a venue's share of it leaves the balance as it is. */
function Movement({ row, currency }: { row: StatementRow; currency: string }): JSX.Element {
  const changed = row.free_minor + row.granted_minor;
  const shown = changed === 0 ? Math.abs(row.free_minor) : changed;
  return (
    <li class="row">
      <span class="row-words">
        <strong>{kindWords(row.kind)}{row.venue && ` · ${row.venue}`}</strong>
        <span class="soft">{moment(new Date(row.at_ms).toISOString())} · then {formatMoney(row.balance_minor, currency)}</span>
      </span>
      <span class={changed === 0 ? "number soft" : "number"}>{changed > 0 && "+"}{formatMoney(shown, currency)}</span>
    </li>
  );
}

/** The address at which the guest may ask for a link to this wallet, at `/wallet/{venue}`. */
function Address({ fleet, wallet }: { fleet: Fleet; wallet: Wallet }): JSX.Element {
  const email = useSignal(wallet.email ?? "");
  const saved = useSignal(false);
  const act = useAct();
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", `/api/wallets/${encodeURIComponent(wallet.wallet_id)}/email`, { email: email.value.trim() || null });
      saved.value = true;
    });
  };
  return (
    <form class="money-sheet" aria-label="Whose it is" onSubmit={save}>
      <label class="field"><span>E-mail of the guest, who may then ask for a link to this statement</span>
        <input class="input" type="email" name="email" maxLength={254} value={email.value} onInput={(event) => { email.value = event.currentTarget.value; saved.value = false; }} />
      </label>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <button type="submit" class="button" disabled={act.busy || saved.value}>{saved.value ? "Saved" : "Save the address"}</button>
    </form>
  );
}

/** The guest pays on the provider's page: opened here, or sent to them. */
function TopUp({ fleet, wallet }: { fleet: Fleet; wallet: Wallet }): JSX.Element {
  const url = useSignal<string | null>(null);
  const act = useAct();
  const begin = (amount_minor: number): void =>
    act.run(async () => {
      const body = { wallet_id: wallet.wallet_id, amount_minor, mid: uuid7() };
      url.value = (await fleet.ask<{ url: string | null }>("POST", "/api/wallets/card_top_ups", body)).url;
    });
  return (
    <section class="money-sheet" aria-label="Pay in by card">
      <h3>Pay in by card</h3>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      {url.value === null
        ? <div class="top-ups">{AMOUNTS_MINOR.map((minor) => <button key={minor} type="button" class="button" disabled={act.busy} onClick={() => begin(minor)}>{formatMoney(minor, wallet.currency)}</button>)}</div>
        : <p>The guest pays on <a href={url.value} target="_blank" rel="noreferrer">the provider's page</a>. The money is in the wallet as soon as it was paid.</p>}
    </section>
  );
}
