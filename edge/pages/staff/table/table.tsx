/** A table: on the left what can be ordered or what is owed, on the right what is about to happen with it. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type StaffTable } from "@holdfast/protocol";
import { count, Empty, Face, Waiting } from "@holdfast/pages";
import { Icon } from "../icons";
import { Dishes } from "../menu";
import { serves } from "../person";
import { addressOf } from "../route";
import type { ViewProps } from "../view";
import { since } from "../time";
import { STANDING_WORDS, standingOf } from "../floor/standing";
import { BillMode } from "./bill";
import { OrderMode } from "./choosing";
import { OrderCards } from "./orders";
import { SeatingSheet } from "./seating";
import type { TableProps } from "./view";
import { WholeTable } from "./whole";

/** `rest` is the table's code, then `order` or `bill`. */
export function TableView({ house, desk, rest }: ViewProps): JSX.Element {
  const [code = "", mode = "order"] = rest;
  const whole = useMemo(() => new WholeTable(code, house, desk), [code]);
  const dishes = useMemo(() => new Dishes(house, desk), []);
  useEffect(() => {
    whole.start();
    return () => whole.stop();
  }, [whole]);
  useEffect(() => dishes.start(), [dishes]);
  const table = house.table(code);
  const parts = { house, desk, whole, dishes };
  useEffect(() => {
    document.title = `${table?.name ?? "Table"} · Holdfast`;
  }, [table?.name]);
  if (!table) return <main class="view"><Empty title="There is no such table"><a class="button" href={addressOf("floor")}>To the floor</a></Empty></main>;
  return (
    <main class="view table-view">
      <Head table={table} mode={mode} {...parts} />
      <Body table={table} mode={mode} {...parts} />
    </main>
  );
}

function Body({ table, mode, ...parts }: TableProps & { table: StaffTable; mode: string }): JSX.Element {
  const { whole, desk } = parts;
  if (table.session_pid === null) return <Free table={table} {...parts} />;
  if (whole.problem.value && !whole.live.value) {
    return <Empty title="This table cannot be shown"><p>{whole.problem.value}</p><button type="button" class="button go" onClick={() => void whole.refresh()}>Try again</button></Empty>;
  }
  if (whole.table.value?.session_pid !== table.session_pid) return <Waiting words="Asking the box about this table…" />;
  if (!serves(desk.me)) return <OnlyLooking {...parts} />;
  return mode === "bill" ? <BillMode {...parts} /> : <OrderMode {...parts} />;
}

/** For whom a table is none of their business, except what the kitchen has of it. */
function OnlyLooking(props: TableProps): JSX.Element {
  return (
    <>
      <OrderCards {...props} />
      <Empty title="Only to look at"><p>A {props.desk.me.role} cannot take orders or money. A waiter or a manager can, after signing in.</p></Empty>
    </>
  );
}

function Free({ table, desk, whole }: TableProps & { table: StaffTable }): JSX.Element {
  const busy = useSignal(false);
  const open = async (): Promise<void> => {
    busy.value = true;
    await desk.attempt(() => desk.send(whole.path("open")));
    await whole.refresh();
    busy.value = false;
  };
  return (
    <Empty title={`${table.name} is free`}>
      <p>Guests open it by scanning its code. You can open it for them; then nobody asks them for the pass word.</p>
      {serves(desk.me) && <button type="button" class="button go big" disabled={busy.value} onClick={() => void open()}>{busy.value ? "Opening…" : "Open table"}</button>}
    </Empty>
  );
}

function Head({ table, mode, ...parts }: TableProps & { table: StaffTable; mode: string }): JSX.Element {
  const { house, desk } = parts;
  const moving = useSignal(false);
  const standing = standingOf(table, house.orders.value.values());
  const guests = table.members.filter((member) => !member.staff);
  return (
    <header class="table-head">
      <a class="round" href={addressOf("floor")} aria-label="Back to the floor"><Icon name="back" /></a>
      <h1>{table.name}</h1>
      <span class="standing" data-standing={standing}>{STANDING_WORDS[standing]}</span>
      {table.session_pid !== null && (
        <>
          <span class="table-guests" title={guests.map((guest) => guest.name).join(", ")}>
            {guests.slice(0, 4).map((guest) => <Face key={guest.member_pid} id={guest.member_pid} name={guest.name} small />)}
            <span class="soft">{guests.length > 0 ? count(guests.length, "guest") : "no phones"}{table.opened_at && <Since opened={table.opened_at} skew_ms={house.skew_ms.value} />}</span>
          </span>
          <nav class="segments" aria-label="What to do">
            <a href={addressOf("floor", table.code, "order")} aria-current={mode !== "bill" ? "page" : undefined}>Order</a>
            <a href={addressOf("floor", table.code, "bill")} aria-current={mode === "bill" ? "page" : undefined}>
              Bill <span class="number">{formatMoney(table.due_minor, table.currency)}</span>
            </a>
          </nav>
          {serves(desk.me) && <button type="button" class="button" onClick={() => (moving.value = true)}><Icon name="more" />Table</button>}
        </>
      )}
      {moving.value && <SeatingSheet table={table} {...parts} onClose={() => (moving.value = false)} />}
    </header>
  );
}

function Since({ opened, skew_ms }: { opened: string; skew_ms: number }): JSX.Element {
  return <span class="number"> · {since(opened, skew_ms)}</span>;
}
