/** The floor: every table as a tile, in the owner's order; a tap goes to the table. */
import type { JSX } from "preact";
import { useComputed, useSignal } from "@preact/signals";
import { formatMoney, type StaffTable } from "@holdfast/protocol";
import { count, Empty } from "@holdfast/pages";
import type { House } from "../house";
import { Icon } from "../icons";
import { addressOf } from "../route";
import { TableView } from "../table/table";
import { since } from "../time";
import type { ViewProps } from "../view";
import { STANDING_WORDS, standingOf, URGENCY, worthOf, type Standing } from "./standing";

/** `rest` empty for all tables, else a table's code and what to do there. */
export function FloorView(props: ViewProps): JSX.Element {
  return props.rest.length > 0 ? <TableView key={props.rest[0]} {...props} /> : <Tiles house={props.house} />;
}

function Tiles({ house }: { house: House }): JSX.Element {
  const only = useSignal<Standing | null>(null);
  const standings = useComputed(() => {
    const orders = [...house.orders.value.values()];
    return house.tables.value.map((table) => ({ table, standing: standingOf(table, orders) }));
  }).value;
  const tally = new Map<Standing, number>();
  for (const { standing } of standings) tally.set(standing, (tally.get(standing) ?? 0) + 1);
  const chosen = only.value !== null && tally.has(only.value) ? only.value : null;
  const shown = standings.filter(({ standing }) => chosen === null || standing === chosen);
  return (
    <main class="view">
      <header class="view-head">
        <h1>Floor</h1>
        <div class="chips" role="group" aria-label="Show only">
          <button type="button" class="chip" aria-pressed={chosen === null} onClick={() => (only.value = null)}>All <span class="number">{standings.length}</span></button>
          {URGENCY.filter((standing) => tally.has(standing)).map((standing) => (
            <button key={standing} type="button" class="chip" data-standing={standing} aria-pressed={chosen === standing} onClick={() => (only.value = chosen === standing ? null : standing)}>
              {STANDING_WORDS[standing]} <span class="number">{tally.get(standing)}</span>
            </button>
          ))}
        </div>
      </header>
      {standings.length === 0
        ? <Empty title="No tables yet"><p>The owner adds tables in the venue's configuration.</p></Empty>
        : <ul class="tiles">{shown.map(({ table, standing }) => <Tile key={table.code} table={table} standing={standing} house={house} />)}</ul>}
    </main>
  );
}

function Tile({ table, standing, house }: { table: StaffTable; standing: Standing; house: House }): JSX.Element {
  const worth = worthOf(table);
  const guests = table.members.filter((member) => !member.staff).length;
  return (
    <li>
      <a class="tile" data-standing={standing} href={addressOf("floor", table.code)}>
        <span class="tile-head">
          <strong class="tile-name">{table.name}</strong>
          {table.opened_at && <Age opened={table.opened_at} house={house} />}
        </span>
        <span class="tile-standing">{STANDING_WORDS[standing]}{table.orders > 1 && <span class="tile-orders"> · {count(table.orders, "order")}</span>}</span>
        <span class="tile-foot">
          {guests > 0 && <span class="tile-guests number"><Icon name="people" />{guests}<span class="unseen"> guests</span></span>}
          {worth && <span class="tile-worth number">{formatMoney(worth.minor, table.currency)}<span class="unseen"> {worth.words}</span></span>}
        </span>
      </a>
    </li>
  );
}

/** Only this is drawn anew every second. */
function Age({ opened, house }: { opened: string; house: House }): JSX.Element {
  return <time class="soft number">{since(opened, house.skew_ms.value)}</time>;
}
