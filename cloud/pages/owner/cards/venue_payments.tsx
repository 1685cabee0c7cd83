/** What was paid at a venue, and giving it back: by itself to a card or a balance, else as a task for the staff. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { Badge, Empty, Sheet, Waiting, type Tone } from "@holdfast/pages";
import { useAct } from "../act";
import type { CommandRow } from "../afar/shapes";
import type { Fleet } from "../fleet";
import { priceOf, priceText } from "../menu/amounts";
import { STATES } from "../money/words";
import "../money/money.css";
import { Card, moment } from "../page";
import { Earlier, PagedTrouble, usePaged } from "../paged";
import type { VenueProps } from "../views";

interface Payment {
  payment_pid: string; method: string; status: string; online: boolean; stored: string | null; place: string; amount_minor: number;
  tip_minor: number; refunded_minor: number; owed_back_minor: number; currency: string; failure: string | null; initiated_ms: number;
}
interface Page { payments: Payment[]; next: string | null }

const METHODS: Readonly<Record<string, string>> = { CASH: "Cash", CARD: "Card", BALANCE: "Balance" };

const leftOf = (each: Payment): number => (each.status === "COMPLETED" ? each.amount_minor + each.tip_minor - each.refunded_minor - each.owed_back_minor : 0);

export function VenuePayments({ fleet, venue }: VenueProps): JSX.Element {
  const base = `/api/venues/${encodeURIComponent(venue.venue_id)}`;
  const list = usePaged(fleet, `${base}/payments`, (page: Page) => page.payments);
  const giving = useSignal<Payment | null>(null);
  const told = useSignal("");
  const mayGive = ["owner", "manager"].includes(fleet.account.value?.role ?? "");
  return (
    <Card title="Payments" about="What is given back goes to a card or a balance by itself; cash and the terminal become a task for the staff.">
      <PagedTrouble of={list} />
      {told.value && <p role="status"><Badge tone="good">{told.value}</Badge></p>}
      {list.rows === null && !list.problem && <Waiting words="Fetching the payments…" />}
      {list.rows?.length === 0 && <Empty title="Nothing was paid yet"><p>What the venue takes stands here, the newest first.</p></Empty>}
      <ul class="rows money-rows">{list.rows?.map((each) => <Row key={each.payment_pid} payment={each} onGive={mayGive && leftOf(each) > 0 ? () => (giving.value = each) : null} />)}</ul>
      <Earlier of={list} />
      {giving.value && <GiveBack fleet={fleet} base={base} payment={giving.value} onClose={() => (giving.value = null)} onDone={(words) => { told.value = words; giving.value = null; list.again(); }} />}
    </Card>
  );
}

function standing(each: Payment): [words: string, tone: Tone] {
  if (each.owed_back_minor > 0) return [`${formatMoney(each.owed_back_minor, each.currency)} to hand out`, "warn"];
  if (each.stored === "declined") return ["declined afterwards", "bad"];
  if (each.status === "COMPLETED" && each.refunded_minor > 0) return [`${formatMoney(each.refunded_minor, each.currency)} given back`, "calm"];
  if (each.stored === "unsent") return ["on the terminal", "warn"];
  return STATES[each.status] ?? [each.status, "calm"];
}

function Row({ payment, onGive }: { payment: Payment; onGive: (() => void) | null }): JSX.Element {
  const [words, tone] = standing(payment);
  const how = payment.online ? "Card on the phone" : METHODS[payment.method] ?? payment.method;
  return (
    <li class="row">
      <span class="row-words">
        <strong>{how}{payment.place && ` · ${payment.place}`}</strong>
        <span class="soft">{moment(new Date(payment.initiated_ms).toISOString())}{payment.tip_minor > 0 && ` · tip ${formatMoney(payment.tip_minor, payment.currency)}`}{payment.status === "FAILED" && payment.failure && ` · ${payment.failure}`}</span>
      </span>
      {onGive && <button type="button" class="button plain" onClick={onGive}>Give back</button>}
      <Badge tone={tone}>{words}</Badge>
      <span class="number">{formatMoney(payment.amount_minor + payment.tip_minor, payment.currency)}</span>
    </li>
  );
}

interface GiveBackProps {
  fleet: Fleet;
  base: string;
  payment: Payment;
  onClose: () => void;
  onDone: (words: string) => void;
}

/** One id for as long as the sheet is open: pressing twice, or a repeat after a lost answer, gives back once. */
function GiveBack({ fleet, base, payment, onClose, onDone }: GiveBackProps): JSX.Element {
  const left_minor = leftOf(payment);
  const reason = useSignal("");
  const amount = useSignal(priceText(left_minor, payment.currency));
  const command_id = useSignal(uuid7());
  const act = useAct();
  const wanted_minor = priceOf(amount.value, payment.currency);
  const fits = wanted_minor !== null && wanted_minor > 0 && wanted_minor <= left_minor;
  const give = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      const part = wanted_minor === left_minor && payment.owed_back_minor === 0 ? {} : { amount_minor: wanted_minor };
      const ask = { kind: "return_payment", payment_pid: payment.payment_pid, reason: reason.value.trim(), ...part };
      await fleet.ask<CommandRow>("POST", `${base}/commands`, { ask, command_id: command_id.value, ttl_s: 86_400 });
      onDone("Sent to the venue; its answer stands under Commands.");
    });
  };
  const by = payment.online ? "It returns to the card within some days." : payment.method === "BALANCE" ? "It is on the guest's balance again at once." : payment.method === "CASH" ? "The staff is asked to hand it out of the drawer." : "The staff is asked to give it back on the terminal.";
  return (
    <Sheet label="Give back" onClose={onClose}>
      <form class="money-sheet" onSubmit={give}>
        <h2>Give money back</h2>
        <p class="soft">{by} The bill is owed again until something is taken off it. Your name and reason are kept.</p>
        <label class="field"><span>How much ({payment.currency})</span>
          <input class="input" name="amount" inputMode="decimal" autocomplete="off" value={amount.value} onInput={(event) => (amount.value = event.currentTarget.value)} />
        </label>
        <label class="field"><span>Why</span>
          <input class="input" name="reason" required maxLength={200} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </label>
        {!fits && <p class="field-error" role="alert">At most {formatMoney(left_minor, payment.currency)} are left.</p>}
        {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
        <button type="submit" class="button go wide" disabled={act.busy || !fits || !reason.value.trim()}>{act.busy ? "Sending…" : `Give ${fits ? formatMoney(wanted_minor, payment.currency) : ""} back`}</button>
      </form>
    </Sheet>
  );
}
