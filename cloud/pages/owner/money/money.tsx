/** Where the money is, what differs between our books and the card provider's, what was paid and given back. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Badge, Empty } from "@holdfast/pages";
import { useAct } from "../act";
import { Card, moment, Page } from "../page";
import { Asked, Trouble, useAsked } from "../states";
import type { SectionProps } from "../views";
import type { Fleet } from "../fleet";
import { Payments } from "./payments";
import type { Balance, CardRefund, Difference, Money, Payout } from "./shapes";
import { Wallets } from "./wallets";
import { WrongAmount } from "./wrong_amount";
import { accountWords, lines, REFUND_STATES } from "./words";
import "./money.css";

export function MoneyPage({ fleet }: SectionProps): JSX.Element {
  const asked = useAsked<Money>(fleet, "/api/money");
  const act = useAct();
  const compare = (): void =>
    act.run(async () => {
      await fleet.ask<Money>("POST", "/api/money/reconcile", {});
      asked.again();
    });
  const runs = ["owner", "manager"].includes(fleet.account.value?.role ?? "");
  const bound = fleet.bound.value;
  const button = asked.body?.cards && !bound && <button type="button" class="button" disabled={act.busy} onClick={compare}>{act.busy ? "Comparing…" : "Compare with the provider"}</button>;
  return (
    <Page wide title="Money" about={bound ? "Card payments of your venues. Balances, payouts and wallets are the whole organisation's." : "Every amount stands twice and comes to nothing."} actions={button}>
      {act.problem && <Trouble words={act.problem} onAgain={compare} />}
      <Asked of={asked} waiting="Adding up…">
        {(money) => (
          <div class="money">
            <Differences fleet={fleet} differences={money.differences} mayDecide={runs} onChange={asked.again} />
            {!bound && <Balances balances={money.balances} />}
            <Payments fleet={fleet} mayRefund={runs} onChange={asked.again} />
            <Refunds refunds={money.refunds} />
            {!bound && <Payouts payouts={money.payouts} cards={money.cards} />}
            {!bound && <Wallets fleet={fleet} cards={money.cards} mayTopUp={runs} />}
          </div>
        )}
      </Asked>
    </Page>
  );
}

/** Amounts as people write them, where the words name them in minor units. */
const wordsOf = ({ words, received_minor, received_currency, amount_minor, currency }: Difference): string =>
  received_minor === null ? words : `${formatMoney(received_minor, received_currency ?? currency)} came instead of ${formatMoney(amount_minor, currency)}`;

interface DifferencesProps { fleet: Fleet; differences: Difference[]; mayDecide: boolean; onChange: () => void }

function Differences({ fleet, differences, mayDecide, onChange }: DifferencesProps): JSX.Element {
  const deciding = useSignal<Difference | null>(null);
  if (differences.length === 0) return <p class="agree" role="status"><Badge tone="good">Both books agree</Badge></p>;
  return (
    <Card title="To look at">
      <ul class="rows">{differences.map((each) => (
        <li class="row" key={`${each.kind} ${each.payment_id}`}>
          <span class="row-words"><strong>{wordsOf(each)}</strong><span class="soft">{[each.venue, each.payment_id].filter(Boolean).join(" · ")}</span></span>
          {mayDecide && each.received_minor !== null && <button type="button" class="button plain" onClick={() => (deciding.value = each)}>Decide…</button>}
          <span class="number">{formatMoney(each.amount_minor, each.currency)}</span>
        </li>
      ))}</ul>
      {deciding.value && <WrongAmount fleet={fleet} difference={deciding.value} onClose={() => (deciding.value = null)} onDone={() => { deciding.value = null; onChange(); }} />}
    </Card>
  );
}

function Balances({ balances }: { balances: Balance[] }): JSX.Element {
  return (
    <Card title="Where it is">
      {balances.length === 0 && <Empty title="No money yet"><p>What venues take and cards bring stands here.</p></Empty>}
      <ul class="rows">{lines(balances).map((line) => (
        <li class="row" key={`${line.account} ${line.currency}`}>
          <span class="row-words">
            <strong>{accountWords(line.account)}</strong>
            {line.parts.length > 0 && <span class="soft">{line.parts.map(([venue, minor]) => `${venue} ${formatMoney(minor, line.currency)}`).join(" · ")}</span>}
          </span>
          <strong class="number">{formatMoney(line.minor, line.currency)}</strong>
        </li>
      ))}</ul>
    </Card>
  );
}

function Refunds({ refunds }: { refunds: CardRefund[] }): JSX.Element | null {
  if (refunds.length === 0) return null;
  return (
    <Card title="Given back to cards">
      <ul class="rows">{refunds.map((each) => {
        const [words, tone] = REFUND_STATES[each.status] ?? [each.status, "calm"];
        return (
          <li class="row" key={each.refund_id}>
            <span class="row-words">
              <strong>{each.reason || "No reason given"}</strong>
              <span class="soft">{[moment(new Date(each.requested_ms).toISOString()), each.venue, `${each.by} (${each.role})`, each.failure].filter(Boolean).join(" · ")}</span>
            </span>
            <Badge tone={tone}>{words}</Badge>
            <span class="number">{formatMoney(each.amount_minor, each.currency)}</span>
          </li>
        );
      })}</ul>
    </Card>
  );
}

function Payouts({ payouts, cards }: { payouts: Payout[]; cards: boolean }): JSX.Element | null {
  if (!cards) return null;
  return (
    <Card title="Payouts to the bank">
      {payouts.length === 0 && <p class="soft">None yet. The provider sends money every few days.</p>}
      <ul class="rows">{payouts.map((each) => (
        <li class="row" key={each.payout_id}>
          <span class="row-words">
            <strong>{moment(new Date(each.arrives_ms).toISOString())}</strong>
            <span class="soft">{each.payments} payments{each.refunds > 0 && `, ${each.refunds} refunds`}: {formatMoney(each.gross_minor, each.currency)} less {formatMoney(each.fee_minor, each.currency)} fees</span>
          </span>
          {each.status !== "paid" && <Badge tone={each.status === "failed" ? "bad" : "warn"}>{each.status.replace("_", " ")}</Badge>}
          <strong class="number">{formatMoney(each.amount_minor, each.currency)}</strong>
        </li>
      ))}</ul>
    </Card>
  );
}
