/**
 * A guest's own balance at this venue, on their own phone, with the internet gone or not.
 *
 *     code of the counter --sign in--> token, kept on this phone --> statement; gone when it has run out or is let go
 *
 * Rule of the file: what the page shows is what this box has on its disk, and it says what that cannot know. Counterpart:
 * `edge/web/money/statement_desk.py`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { formatMoney, type BalanceKind, type BalanceRow, type BalanceSignedIn, type BalanceStatement } from "@holdfast/protocol";
import { ask, clockTime, Empty, forget, keep, LastWord, Logo, recall, Refused, Waiting } from "@holdfast/pages";
import { withEarlier, withMore } from "./pages";

const PLACE = "balance";
/** A balance moves while its owner looks at it, at a till or on a console. */
const AGAIN_MS = 15_000;

const token = signal<string | null>(recall<string>(PLACE));
const statement = signal<BalanceStatement | null>(null);
const problem = signal("");
const busy = signal(false);

const NO_ANSWER = "The venue's box does not answer. Are you on its Wi-Fi?";
const problemOf = (error: unknown): string => (error instanceof Refused ? error.message : NO_ANSWER);

async function signIn(code: string): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  problem.value = "";
  try {
    const { body } = await ask<BalanceSignedIn>("POST", "/balance/sign_in", { body: { code } });
    keep(PLACE, body.token);
    word.drop();
    statement.value = null;
    token.value = body.token;
  } catch (error) {
    problem.value = problemOf(error);
  }
  busy.value = false;
}

function leave(words = ""): void {
  forget(PLACE);
  word.drop();
  token.value = statement.value = null;
  problem.value = words;
}

/** The newest page; what is shown stays when nobody answers. */
const word = new LastWord(() => fetchPage("/balance/statement"), (fresh) => {
  statement.value = withEarlier(fresh, statement.value);
  problem.value = "";
}, failed);

async function fetchPage(path: string): Promise<BalanceStatement> {
  return (await ask<BalanceStatement>("GET", path, { token: token.value })).body;
}

function failed(error: unknown): void {
  if (error instanceof Refused && error.status === 401) leave("This phone is signed out by now. Ask at the counter for another code.");
  else problem.value = problemOf(error);
}

/** The page after what is shown. */
async function lookFurther(): Promise<void> {
  const mine = token.value;
  const before = statement.value?.next;
  try {
    const page = await fetchPage(`/balance/statement?before=${before}`);
    if (token.value === mine && statement.value) statement.value = withMore(statement.value, page);
  } catch (error) {
    if (token.value === mine) failed(error);
  }
}

/** A code that was scanned is used at once, and never stands in the address again. */
function fromAddress(): void {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  void signIn(code);
}

export function BalanceApp(): JSX.Element {
  useEffect(() => {
    fromAddress();
    addEventListener("hashchange", fromAddress);
    return () => removeEventListener("hashchange", fromAddress);
  }, []);
  return (
    <main class="purse">
      <Logo />
      <h1>Your balance</h1>
      {token.value ? <Shown key={token.value} /> : <EnterCode />}
    </main>
  );
}

function Shown(): JSX.Element {
  useEffect(() => {
    void word.ask();
    const again = (): void => void (document.hidden || word.ask());
    const timer = setInterval(again, AGAIN_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);
  const found = statement.value;
  return (
    <>
      {problem.value && <p class="field-error" role="alert">{problem.value} <button type="button" class="button small" onClick={() => void word.ask()}>Try again</button></p>}
      {!found && !problem.value && <Waiting words="Adding up…" />}
      {found && (
        <>
          <section class="purse-sum" aria-label="Balance">
            <span>{found.user_id}, at {found.venue}</span>
            <strong class="number">{formatMoney(found.balance_minor, found.currency)}</strong>
            {found.owed_minor > 0 && <span>The venue stood in for {formatMoney(found.owed_minor, found.currency)}; what comes in next pays that first.</span>}
          </section>
          <Elsewhere of={found} />
          <section class="purse-panel" aria-label="Statement">
            <h2>What happened here</h2>
            {found.rows.length === 0 && <Empty title="Nothing yet"><p>What is paid in and spent here stands here.</p></Empty>}
            <ul>{found.rows.map((row) => <Movement key={row.number} row={row} currency={found.currency} />)}</ul>
            {found.next !== null && <button type="button" class="button wide" onClick={() => void lookFurther()}>Show earlier ones</button>}
          </section>
        </>
      )}
      <button type="button" class="button wide" onClick={() => leave()}>Sign this phone out</button>
    </>
  );
}

/** What this box cannot know is said, not left out. */
function Elsewhere({ of: { venue, link, heard_ms, wallet_url } }: { of: BalanceStatement }): JSX.Element {
  if (link === "down") {
    const since = heard_ms === null ? "now" : `since ${whenOf(heard_ms)}`;
    return (
      <p class="purse-note" role="status" data-tone="warn">
        <strong>{venue} has no internet {since}.</strong> You can spend what stands here all the same, and only here. What you paid in or spent at other venues since then is not known here yet, so your whole wallet may be more or less.
      </p>
    );
  }
  return (
    <p class="purse-note" role="status">
      This is what you can spend at {venue}. What is in your wallet besides, and what you spent at other venues, is not in it.
      {wallet_url && <> <a href={wallet_url}>See the whole wallet</a></>}
    </p>
  );
}

const whenOf = (ms: number): string => {
  const [day, today] = [new Date(ms).toLocaleDateString(), new Date().toLocaleDateString()];
  return day === today ? clockTime(ms) : `${day}, ${clockTime(ms)}`;
};

const KINDS: Readonly<Record<BalanceKind, string>> = {
  paid_in: "Paid in at the counter", from_wallet: "Set aside for here from your wallet", to_wallet: "Went back to your wallet", play: "Played", bill: "Paid a bill", deposit: "Deposit for a booking",
  given_back: "Given back", on_credit: "The venue stood in", repaid: "Paid back to the venue", paid_out: "Handed back at the counter", other: "Changed",
};

function Movement({ row, currency }: { row: BalanceRow; currency: string }): JSX.Element {
  return (
    <li class="purse-row">
      <strong>{KINDS[row.kind]}</strong>
      <span class={row.amount_minor > 0 ? "number more" : "number"}>{row.amount_minor > 0 && "+"}{formatMoney(row.amount_minor, currency)}</span>
      <span class="soft">{whenOf(row.at_ms)}{row.place && ` · ${row.place}`}</span>
      <span class="number soft">{formatMoney(row.balance_minor, currency)}</span>
    </li>
  );
}

const typed = signal("");

function EnterCode(): JSX.Element {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (typed.value.trim() === "") problem.value = "Type the code that the staff shows you.";
    else void signIn(typed.value);
  };
  return (
    <form class="purse-panel" onSubmit={submit} noValidate>
      <h2>See it on this phone</h2>
      <p class="soft">Ask at the counter for a code. It works once, for this phone, and needs no internet.</p>
      <label class="field"><span>Code</span>
        <input class="input purse-code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck={false} maxLength={16} aria-invalid={problem.value !== ""} value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} />
      </label>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <button type="submit" class="button go wide" disabled={busy.value}>{busy.value ? "Looking…" : "Show my balance"}</button>
    </form>
  );
}
