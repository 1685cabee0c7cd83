/** The menu of the table: who sits there, and the dishes. */
import type { JSX } from "preact";
import { Face } from "@holdfast/pages";
import { Dishes, type DishesProps } from "@holdfast/pages/menu/listing";
import type { Table } from "./table";

export interface MenuProps extends Omit<DishesProps, "shelf"> {
  table: Table;
  onJoin: () => void;
}

export function MenuView({ table, onJoin, ...more }: MenuProps): JSX.Element {
  return (
    <main class="menu">
      <Head table={table} onJoin={onJoin} />
      <Dishes shelf={table} {...more} />
    </main>
  );
}

function Head({ table, onJoin }: { table: Table; onJoin: () => void }): JSX.Element {
  const me = table.me.value;
  const members = table.members.value;
  return (
    <header class="head">
      <div>
        <p class="head-table">{me ? me.table_name : "Menu"}</p>
        <h1>{table.menu.value.menu.venue_name || "Menu"}</h1>
        {me && table.menu.value.menu.shop && <a class="head-shop" href={`/t/${encodeURIComponent(table.code)}/shop`}>Design a mug, a print…</a>}
      </div>
      {me
        ? (
          <div class="faces" role="img" aria-label={`At the table: ${members.map((member) => member.name).join(", ")}`}>
            {members.slice(0, 5).map((member) => <Face key={member.member_pid} id={member.member_pid} name={member.name} />)}
            {members.length > 5 && <span class="face more">+{members.length - 5}</span>}
          </div>
        )
        : <button type="button" class="button go" onClick={onJoin}>Join</button>}
    </header>
  );
}
