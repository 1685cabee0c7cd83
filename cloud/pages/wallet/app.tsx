/**
 * A guest's own wallet: what is in it and every movement, by the link of a mail; without one, the way to have one sent.
 *
 * The link's token stays in the address behind the `#`, so the page can be loaded again while the link lasts.
 * Counterpart: `cloud/guests/wallet_page.py`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { ask, Empty, Logo, Refused, Waiting } from "@holdfast/pages";
import type { StatementRow } from "../owner/money/shapes";
import { kindWords } from "../owner/money/words";

interface Wallet { name: string; currency: string; balance_minor: number; rows: StatementRow[]; next: number | null }

const problemOf = (error: unknown): string => (error instanceof Refused ? error.message : "No answer. Check the connection and try again.");

export function WalletApp({ venue_id }: { venue_id: string }): JSX.Element {
  const token = useSignal(location.hash.replace(/^#/, ""));
  useEffect(() => {
    const changed = (): void => void (token.value = location.hash.replace(/^#/, ""));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return (
    <main class="wallet">
      <Logo />
      <h1>Your wallet</h1>
      {token.value ? <Statement key={token.value} token={token.value} venue_id={venue_id} /> : <SendLink venue_id={venue_id} />}
    </main>
  );
}

function Statement({ token, venue_id }: { token: string; venue_id: string }): JSX.Element {
  const wallet = useSignal<Wallet | null>(null);
  const problem = useSignal("");
  const gone = useSignal(false);
  const busy = useSignal(false);
  const fetchPage = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      const before = wallet.value?.next ?? null;
      const { body } = await ask<Wallet>("POST", "/wallet/statement", { body: { token, before } });
      wallet.value = { ...body, rows: [...(wallet.value?.rows ?? []), ...body.rows] };
    } catch (error) {
      gone.value = error instanceof Refused && ["link_unknown", "invalid"].includes(error.code);
      problem.value = problemOf(error);
    }
    busy.value = false;
  };
  useEffect(() => void fetchPage(), [token]);
  if (gone.value) return <><p class="field-error" role="alert">This link has run out. Ask for another one.</p><SendLink venue_id={venue_id} /></>;
  const found = wallet.value;
  return (
    <>
      {problem.value && <p class="field-error" role="alert">{problem.value} <button type="button" class="button" onClick={() => void fetchPage()}>Try again</button></p>}
      {!found && !problem.value && <Waiting words="Adding up…" />}
      {found && (
        <>
          <section class="wallet-sum" aria-label="Balance"><span>{found.name}</span><strong class="number">{formatMoney(found.balance_minor, found.currency)}</strong></section>
          <section class="wallet-panel" aria-label="Statement">
            <h2>What happened</h2>
            {found.rows.length === 0 && <Empty title="Nothing yet"><p>What is paid in and spent stands here.</p></Empty>}
            <ul>{found.rows.map((row) => <Movement key={row.number} row={row} currency={found.currency} />)}</ul>
            {found.next !== null && <button type="button" class="button wide" disabled={busy.value} onClick={() => void fetchPage()}>Show earlier ones</button>}
          </section>
        </>
      )}
    </>
  );
}

/** What is set aside for a venue is still the guest's: the balance stays as it is. */
function Movement({ row, currency }: { row: StatementRow; currency: string }): JSX.Element {
  const changed = row.free_minor + row.granted_minor;
  const shown = changed === 0 ? Math.abs(row.free_minor) : changed;
  return (
    <li class="wallet-row">
      <strong>{kindWords(row.kind)}</strong>
      <span class={changed === 0 ? "number soft" : changed > 0 ? "number more" : "number"}>{changed > 0 && "+"}{formatMoney(shown, currency)}</span>
      <span class="soft">{new Date(row.at_ms).toLocaleDateString()}{row.venue && ` · ${row.venue}`}</span>
      <span class="number soft">{formatMoney(row.balance_minor, currency)}</span>
    </li>
  );
}

function SendLink({ venue_id }: { venue_id: string }): JSX.Element {
  const email = useSignal("");
  const hours = useSignal<number | null>(null);
  const problem = useSignal("");
  const busy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      hours.value = (await ask<{ hours: number }>("POST", "/wallet/link", { body: { venue_id, email: email.value.trim() } })).body.hours;
    } catch (error) {
      problem.value = problemOf(error);
    }
    busy.value = false;
  };
  if (hours.value !== null) return <section class="wallet-panel"><p role="status">If there is a wallet under this address, a link is on its way. It works for {hours.value} hours.</p></section>;
  return (
    <form class="wallet-panel" onSubmit={(event) => void submit(event)}>
      <h2>See it with a link</h2>
      <p class="soft">We send it to the address that you gave at the counter.</p>
      <label class="field"><span>E-mail</span>
        <input class="input" type="email" name="email" required maxLength={254} autocomplete="email" value={email.value} onInput={(event) => (email.value = event.currentTarget.value)} />
      </label>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <button type="submit" class="button go wide" disabled={busy.value}>Send me a link</button>
    </form>
  );
}
