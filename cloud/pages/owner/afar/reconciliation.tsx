/** After an outage: what somebody has to look at, money first, each with what can be done about it. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7 } from "@holdfast/protocol";
import { Badge, clockTime, Empty, span } from "@holdfast/pages";
import "./afar.css";
import { useAct } from "../act";
import { syncAge_s, waitsUnseen, type Venue } from "../figures";
import type { Fleet } from "../fleet";
import { Asked, useAsked } from "../states";
import type { VenueProps } from "../views";
import type { Decision, Item, ItemKind } from "./shapes";
import { DECISIONS, KIND_ORDER, KINDS } from "./words";

const AGAIN_MS = 5_000;

export function Reconciliation({ fleet, venue, now_ms }: VenueProps): JSX.Element {
  const base = `/api/venues/${venue.venue_id}`;
  const listed = useAsked<{ items: Item[] }>(fleet, `${base}/reconciliation`);
  useEffect(() => {
    const timer = setInterval(() => listed.again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [base]);
  return (
    <div class="afar">
      <Sync venue={venue} now_ms={now_ms} />
      <Asked of={listed} waiting="Looking for what is left to do…">
        {({ items }) => <Groups items={items} fleet={fleet} base={base} again={listed.again} />}
      </Asked>
    </div>
  );
}

function Sync({ venue, now_ms }: { venue: Venue; now_ms: number }): JSX.Element {
  const age_s = syncAge_s(venue, now_ms);
  const waiting = waitsUnseen(venue) ? "unknown" : String(venue.unsynced ?? 0);
  const worth = venue.unsynced_minor ?? 0;
  const away = venue.link === "down";
  return (
    <dl class="tiles sync">
      <div class="tile" data-tone={away ? "warn" : "good"}><dt>In step</dt><dd>{age_s === null ? "never" : away ? `${span(age_s)} ago` : "now"}</dd></div>
      <div class="tile"><dt>Not here yet</dt><dd class="number">{waiting}</dd>{worth > 0 && <dd class="soft number">orders worth {formatMoney(worth, venue.currency)}</dd>}</div>
      <div class="tile" data-tone={venue.quarantined > 0 ? "warn" : "good"}><dt>Set aside</dt><dd class="number">{venue.quarantined}</dd></div>
    </dl>
  );
}

interface GroupProps {
  items: Item[];
  fleet: Fleet;
  base: string;
  again: () => void;
}

function Groups({ items, ...more }: GroupProps): JSX.Element {
  const open = items.filter((item) => item.settled_by === null);
  const settled = items.filter((item) => item.settled_by !== null);
  return (
    <>
      {open.length === 0 && <Empty title="Nothing is left to do"><p>Money, orders and stock agree on both sides.</p></Empty>}
      {KIND_ORDER.map((kind) => <Group key={kind} kind={kind} items={open.filter((item) => item.kind === kind)} {...more} />)}
      {settled.length > 0 && (
        <details class="settled">
          <summary>Ticked off ({settled.length})</summary>
          <ul class="outcomes">{settled.map((item) => <li key={item.key} class="outcome"><strong>{item.about}</strong><span>{item.note}</span><span class="soft">{item.decision && DECISIONS[item.decision]}{item.settled_by}</span></li>)}</ul>
        </details>
      )}
    </>
  );
}

function Group({ kind, items, ...more }: GroupProps & { kind: ItemKind }): JSX.Element | null {
  const [first] = items;
  if (!first) return null;
  const { words, tone, about } = KINDS[kind];
  const worth_minor = items.reduce((sum, item) => sum + (item.amount_minor ?? 0), 0);
  return (
    <section class="group" aria-label={words}>
      <header class="group-head">
        <h2>{words} <Badge tone={tone}>{items.length}</Badge></h2>
        {worth_minor > 0 && <strong class="number">{formatMoney(worth_minor, first.currency)}</strong>}
      </header>
      <p class="soft">{about}</p>
      <ul class="outcomes">{items.map((item) => <Row key={item.key} item={item} {...more} />)}</ul>
    </section>
  );
}

/** What the venue itself has to know goes there as a command; the rest is ticked off here. */
function Row({ item, fleet, base, again }: { item: Item } & Omit<GroupProps, "items">): JSX.Element {
  const role = fleet.account.value?.role;
  const refund = item.key.startsWith("refund:") && (role === "owner" || role === "manager");
  const stored = item.key.startsWith("stored:");
  const task = item.key.startsWith("task:");
  const credit = item.kind === "credit";
  const ticks = item.kind !== "approval" && !stored && !task && !credit && !item.key.startsWith("refund:") && role !== "support";
  return (
    <li class="outcome" data-tone={KINDS[item.kind].tone}>
      <span class="outcome-head">
        <strong>{item.about}</strong>
        {item.amount_minor !== null && <strong class="number">{formatMoney(item.amount_minor, item.currency)}</strong>}
      </span>
      <span>{item.detail}</span>
      {item.since_ms > 0 && <span class="soft outcome-foot">since {clockTime(item.since_ms)}</span>}
      {refund && <Decide item={item} fleet={fleet} base={base} again={again} />}
      {task && (role === "owner" || role === "manager") && <Task item={item} fleet={fleet} base={base} again={again} />}
      {stored && (role === "owner" || role === "manager") && <Stored item={item} fleet={fleet} base={base} again={again} />}
      {credit && (role === "owner" || role === "manager") && <Owed item={item} fleet={fleet} base={base} again={again} />}
      {ticks && <TickOff item={item} fleet={fleet} base={base} again={again} />}
    </li>
  );
}

type RowProps = { item: Item } & Omit<GroupProps, "items">;

function Decide({ item, fleet, base, again }: RowProps): JSX.Element {
  const act = useAct();
  const sent = useSignal(false);
  const decide = (granted: boolean): void =>
    act.run(async () => {
      const ask = { kind: "decide_refund", request_id: item.key.slice("refund:".length), granted };
      await fleet.ask("POST", `${base}/commands`, { ask, ttl_s: 86_400 });
      sent.value = true;
      again();
    });
  if (sent.value) return <p class="soft" role="status">Sent to the venue; this goes once it has answered.</p>;
  return (
    <span class="outcome-acts">
      <button type="button" class="button go" disabled={act.busy} onClick={() => decide(true)}>Grant</button>
      <button type="button" class="button" disabled={act.busy} onClick={() => decide(false)}>Decline</button>
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </span>
  );
}

/** Money that somebody at the counter is to hand out, until they have, or the owner takes the word back. */
function Task({ item, fleet, base, again }: RowProps): JSX.Element {
  const act = useAct();
  const sent = useSignal(false);
  const takeBack = (): void =>
    act.run(async () => {
      const ask = { kind: "decide_refund", request_id: item.key.slice("task:".length), granted: false };
      await fleet.ask("POST", `${base}/commands`, { ask, ttl_s: 86_400 });
      sent.value = true;
      again();
    });
  if (sent.value) return <p class="soft" role="status">Sent to the venue; this goes once it has answered.</p>;
  return (
    <span class="outcome-acts">
      <button type="button" class="button" disabled={act.busy} onClick={takeBack}>Do not give it back</button>
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </span>
  );
}

/** What became of a card that the terminal had stored: the venue's box takes it off its sum, or off its bill. */
function Stored({ item, fleet, base, again }: RowProps): JSX.Element {
  const act = useAct();
  const said = useSignal(false);
  const settle = (sent: boolean): void =>
    act.run(async () => {
      const ask = { kind: "settle_stored_card", payment_pid: item.key.slice("stored:".length), sent };
      await fleet.ask("POST", `${base}/commands`, { ask, ttl_s: 86_400 });
      said.value = true;
      again();
    });
  if (said.value) return <p class="soft" role="status">Sent to the venue; this goes once it has answered.</p>;
  return (
    <span class="outcome-acts">
      <button type="button" class="button go" disabled={act.busy} onClick={() => settle(true)}>It was sent</button>
      <button type="button" class="button danger" disabled={act.busy} onClick={() => settle(false)}>It was declined</button>
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </span>
  );
}

/** What a guest owes the venue: asked of the wallet once more, or borne by the venue. The box has the last word on both. */
function Owed({ item, fleet, base, again }: RowProps): JSX.Element {
  const act = useAct();
  const sent = useSignal<string | null>(null);
  const sure = useSignal(false);
  const entry = item.key.slice("credit:".length);
  const send = (words: string, path: string, body: object): void =>
    act.run(async () => {
      await fleet.ask("POST", `${base}/${path}`, body);
      sent.value = words;
      again();
    });
  if (sent.value) return <p class="soft" role="status">{sent.value}</p>;
  const collect = (): void => send("The wallet's money is on its way to the venue; this goes once it has arrived.", "reconciliation/collect", { entry, mid: uuid7() });
  const writeOff = (): void => send("Sent to the venue; this goes once it has answered.", "commands", { ask: { kind: "write_off_credit", entry, note: "" }, ttl_s: 86_400 });
  return (
    <span class="outcome-acts">
      <button type="button" class="button go" disabled={act.busy} onClick={collect}>Collect from the wallet</button>
      {sure.value
        ? <button type="button" class="button danger" disabled={act.busy} onClick={writeOff}>Write off {formatMoney(item.amount_minor ?? 0, item.currency)}</button>
        : <button type="button" class="button" onClick={() => (sure.value = true)}>Write off…</button>}
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </span>
  );
}

function TickOff({ item, fleet, base, again }: RowProps): JSX.Element {
  const act = useAct();
  const note = useSignal<string | null>(null);
  if (note.value === null) return <span class="outcome-acts"><button type="button" class="button" onClick={() => (note.value = "")}>{item.kind === "orphan" ? "Decide…" : "Tick off…"}</button></span>;
  const orphan = item.kind === "orphan";
  const settle = (decision: Decision): void =>
    act.run(async () => {
      await fleet.ask("POST", `${base}/reconciliation`, { key: item.key, note: note.value?.trim(), decision });
      again();
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    settle(orphan ? "accepted" : "noted");
  };
  return (
    <form class="outcome-acts" onSubmit={submit}>
      <input class="input" aria-label="What was done about it" placeholder="What was done about it?" required maxLength={280} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
      <button type="submit" class="button go" disabled={act.busy || !note.value.trim()}>{orphan ? "Accept into the books" : "Tick off"}</button>
      {orphan && <button type="button" class="button" disabled={act.busy || !note.value.trim()} onClick={() => settle("written_off")}>Write off</button>}
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </form>
  );
}
