/** A guest's balance: found by some of its name, paid in on, and shown on the guest's own phone by a code that works once. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type BalanceFound, type BalancesFound, type StatementCode } from "@holdfast/protocol";
import { LastWord, Sheet } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import { Icon } from "../icons";
import { WhoseBalance } from "../table/balance";
import { Outcome } from "../table/pay";
import { OPEN, PaidInSheet, paidInLast } from "./paid_in";
import { PayInSheet } from "./paying_in";
import { PayingIn } from "./paying_in_once";

const LOOK_AFTER_MS = 250;

interface BalancesProps {
  desk: Desk;
  currency: string;
  /** Money may have come into the drawer, or gone out of it. */
  onMoney: () => void;
}

export function Balances({ desk, currency, onMoney }: BalancesProps): JSX.Element {
  const user = useSignal("");
  /** With the name that it was asked for: somebody may have typed on. */
  const given = useSignal<{ user: string; code: StatementCode } | null>(null);
  const waiting = useSignal(0);
  const over = useSignal<null | "last" | { user: string; balance_minor: number | null }>(null);
  const problem = useSignal("");
  const busy = useSignal(false);
  const paying = useMemo(() => new PayingIn(desk), [desk]);
  const last = useMemo(() => new LastWord(() => paidInLast(desk), (told) => {
    waiting.value = told.filter((each) => OPEN.has(each.payment.status)).length;
  }), [desk]);
  useEffect(() => void last.ask(), [last]);
  const named = (): string => {
    const name = user.value.trim();
    problem.value = name ? "" : "Say whose balance it is.";
    return busy.value ? "" : name;
  };
  const act = async (what: (name: string) => Promise<void>): Promise<void> => {
    const name = named();
    if (!name) return;
    busy.value = true;
    try {
      await what(name);
    } catch (error) {
      problem.value = wordsFor(error);
    }
    busy.value = false;
  };
  const show = (): Promise<void> => act(async (name) => {
    given.value = { user: name, code: await desk.send<StatementCode>(`/api/v1/accounts/${encodeURIComponent(name)}/statement_code`, {}) };
  });
  const payIn = (): Promise<void> => act(async (name) => {
    const found = (await finding(desk, name)).find((each) => each.user_id === name);
    paying.done();
    over.value = { user: name, balance_minor: found?.balance_minor ?? null };
  });
  const close = (): void => {
    over.value = null;
    if (paying.paid.value) user.value = "";
    paying.done();
    onMoney();
    void last.ask();
  };
  const open = over.value;
  // What a page that was loaded anew has been told at last is shown, too.
  const told = paying.paid.value;
  const sheet = open && open !== "last" ? open : told && { user: told.user_id, balance_minor: told.balance_minor };
  return (
    <section class="card" aria-label="Balances">
      <h2>A guest's balance</h2>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void payIn(); }}>
        <WhoseBalance user={user} desk={desk} owed_minor={0} />
        <Suggestions words={user.value} desk={desk} onChoose={(name) => (user.value = name)} />
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        {!sheet && <Outcome paying={paying} currency={currency} />}
        <button type="submit" class="button go" disabled={busy.value}><Icon name="wallet" />Pay in</button>
        <div class="bill-foot">
          <button type="button" class="button" disabled={busy.value} onClick={() => void show()}>Show it on the guest's phone</button>
          <button type="button" class="button" onClick={() => (over.value = "last")}>Paid in last{waiting.value > 0 && `, ${waiting.value} waiting`}</button>
        </div>
      </form>
      {given.value && <CodeSheet {...given.value} onClose={() => (given.value = null)} />}
      {open === "last" && <PaidInSheet desk={desk} onClose={close} />}
      {sheet && <PayInSheet {...sheet} currency={currency} paying={paying} desk={desk} onClose={close} />}
    </section>
  );
}

/** Balances whose name holds these letters. Raises what the box refuses with. */
const finding = async (desk: Desk, words: string): Promise<readonly BalanceFound[]> =>
  (await desk.get<BalancesFound>(`/api/v1/accounts?find=${encodeURIComponent(words)}`)).accounts;

/** Names that hold what was typed, so that a slip of the finger does not begin a second balance. */
function Suggestions({ words, desk, onChoose }: { words: string; desk: Desk; onChoose: (name: string) => void }): JSX.Element | null {
  const found = useSignal<readonly BalanceFound[]>([]);
  const name = words.trim();
  useEffect(() => {
    let over = false;
    const look = async (): Promise<void> => {
      const accounts = name ? await finding(desk, name) : [];
      if (!over) found.value = accounts;
    };
    // A box that does not answer has said so in the banner; nothing is suggested then.
    const alarm = setTimeout(() => void look().catch(() => void (found.value = [])), LOOK_AFTER_MS);
    return () => {
      over = true;
      clearTimeout(alarm);
    };
  }, [name]);
  const others = found.value.filter((each) => each.user_id !== name).slice(0, 6);
  if (!name || others.length === 0) return null;
  return (
    <div class="quick" role="group" aria-label="Balances of this name">
      {others.map((each) => (
        <button key={each.user_id} type="button" class="chip" onClick={() => onChoose(each.user_id)}>{each.user_id} <span class="number">{formatMoney(each.balance_minor, each.currency)}</span></button>
      ))}
    </div>
  );
}

function CodeSheet({ code, user, onClose }: { code: StatementCode; user: string; onClose: () => void }): JSX.Element {
  return (
    <Sheet label="Balance on the phone" onClose={onClose}>
      <div class="stack paid">
        <h2>{user}</h2>
        {code.code_image && <img class="pay-code" src={code.code_image} alt="Code of the balance's page" />}
        <p>The guest scans this on the venue's Wi-Fi. It opens this balance on that phone, works once and for {code.minutes} minutes, with no internet, too.</p>
        <p class="soft">Or they open <strong>/balance</strong> here and type <strong class="number">{code.code}</strong></p>
      </div>
    </Sheet>
  );
}
