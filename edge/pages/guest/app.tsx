/**
 * The guest page as a whole: menu, cart, orders, and the sheets that come over them.
 *
 * On a phone the cart and the orders are sheets behind one bar at the bottom; on a wide screen they stand beside the menu.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { formatMoney, type Joined, type MenuItem } from "@holdfast/protocol";
import { Banner, Sheet, Toast, Unreachable, Waiting } from "@holdfast/pages";
import type { Asking } from "./asking";
import { Basket, type BasketProps } from "./basket";
import { BillSheet } from "./bill";
import type { Hearing } from "./hearing";
import { JoinSheet } from "./joining";
import { NO_MENU, type Wanted } from "@holdfast/pages/menu/book";
import { DishSheet } from "@holdfast/pages/menu/dish";
import { PlacedSheet } from "@holdfast/pages/menu/placed";
import { stageOf } from "@holdfast/pages/menu/stage";
import { MenuView, type MenuProps } from "./menu";
import { buttonFor } from "./ordering";
import { OrderList } from "./orders";
import { PassSheet } from "./pass";
import { cameBack } from "./paycard";
import { Playing } from "./playtime";
import type { Table } from "./table";
import { TimeLeft } from "./timeleft";

export interface AppProps {
  table: Table;
  asking: Asking;
  hearing: Hearing;
  instructions: Signal<string>;
  known: Joined | null;
}

/** What lies over the page; a dish stands for its own sheet. */
type Over = "nothing" | "join" | "basket" | "orders" | "bill" | MenuItem;

/** Reads no signal itself: a menu of a hundred dishes is drawn once, not each time a sheet opens. */
export function App({ table, asking, hearing, instructions, known }: AppProps): JSX.Element {
  const over = useSignal<Over>(known ? (cameBack() ? "bill" : "nothing") : "join");
  const show = (what: Over) => (): void => void (over.value = what);

  useEffect(() => {
    if (known) void takeOldPlace(table, hearing, known, show("join"));
  }, []);
  useSignalEffect(() => {
    if (table.closed.value) over.value = "join";
  });
  useSignalEffect(() => {
    if (asking.placed.value) over.value = "nothing";
  });
  useSignalEffect(() => {
    document.title = [table.me.value?.table_name, table.menu.value.menu.venue_name].filter(Boolean).join(" · ") || "Your table";
  });

  const choose = (item: MenuItem): void => {
    if (!table.me.value) over.value = "join";
    else if (table.menu.value.asks(item)) over.value = item;
    else addPlain(table, item);
  };
  const parts = { table, asking, instructions };
  const playing = useMemo(() => new Playing(table), [table]);
  return (
    <>
      <Lost table={table} />
      <TimeLeft playing={playing} />
      <div class="page">
        <Menu table={table} hearing={hearing} onChoose={choose} onOpen={(item) => (over.value = item)} onJoin={show("join")} />
        <Beside {...parts} onBill={show("bill")} />
      </div>
      <Notices table={table} />
      <BottomBar table={table} onBasket={show("basket")} onOrders={show("orders")} />
      <Sheets {...parts} hearing={hearing} over={over} />
    </>
  );
}

function Lost({ table }: { table: Table }): JSX.Element {
  return <Banner tone="warn" shown={table.lost.value}>Connection lost. Reconnecting...</Banner>;
}

function Menu({ hearing, ...props }: MenuProps & { hearing: Hearing }): JSX.Element {
  if (props.table.menu.value !== NO_MENU) return <MenuView {...props} />;
  const words = hearing.menuFailed.value ? "The box does not answer yet. Trying again…" : "Fetching the menu…";
  return <main class="menu"><Waiting words={words} /></main>;
}

/** On a wide screen the cart is always in sight. */
function Beside({ onBill, ...props }: BasketProps & { onBill: () => void }): JSX.Element | null {
  if (!props.table.me.value) return null;
  return (
    <aside class="side">
      <section class="card" aria-label="Cart"><Basket {...props} /></section>
      {props.table.orders.value.length > 0 && <section class="card" aria-label="Orders"><OrderList table={props.table} onBill={onBill} /></section>}
    </aside>
  );
}

function Notices({ table }: { table: Table }): JSX.Element {
  const close = (): void => void (table.notice.value = null);
  return <div class="toasts">{table.notice.value && <Toast {...table.notice.value} onClose={close} />}</div>;
}

function Sheets({ table, asking, instructions, hearing, over }: BasketProps & { hearing: Hearing; over: Signal<Over> }): JSX.Element {
  const open = over.value;
  const close = (): void => void (over.value = "nothing");
  const joined = (): void => {
    close();
    hearing.start();
  };
  const add = (wanted: Wanted): void => {
    if (!table.me.value) return void (over.value = "join");
    table.add(wanted);
    close();
  };
  return (
    <>
      {open === "join" && <JoinSheet table={table} onClose={close} onJoined={joined} />}
      {open === "basket" && <Sheet label="Cart" onClose={close}><Basket table={table} asking={asking} instructions={instructions} /></Sheet>}
      {open === "orders" && <Sheet label="Orders" onClose={close}><OrderList table={table} onBill={() => (over.value = "bill")} /></Sheet>}
      {open === "bill" && <BillSheet table={table} onClose={close} />}
      {typeof open === "object" && <DishSheet shelf={table} item={open} onClose={close} onAdd={add} />}
      {table.passFor.value !== null && <PassSheet table={table} />}
      {asking.placed.value && <PlacedSheet placed={asking.placed.value} onClose={() => (asking.placed.value = null)} />}
    </>
  );
}

/** A phone that was here before takes its old place; while the box is away it does so from memory. */
async function takeOldPlace(table: Table, hearing: Hearing, known: Joined, askName: () => void): Promise<void> {
  try {
    await table.sitDown(known.name);
  } catch (error) {
    if (!(error instanceof Unreachable)) return askName();
    table.sitDownFromMemory();
  }
  hearing.start();
}

/** One more of a dish without choices: onto the guest's own plain line where there is one. */
function addPlain(table: Table, item: MenuItem): void {
  const mine = table.lines.value.find(
    (line) => line.menu_item === item.id && line.member === table.me.value?.member_pid && !line.note
      && line.modifiers.length === 0 && line.takeaway === table.takeaway.value && !line.recalled,
  );
  if (mine) table.change(mine, { qty: mine.qty + 1 });
  else table.add({ menu_item: item.id, qty: 1, note: "", modifiers: [], takeaway: table.takeaway.value, choices: [] });
}

interface BottomBarProps {
  table: Table;
  onBasket: () => void;
  onOrders: () => void;
}

function BottomBar({ table, onBasket, onOrders }: BottomBarProps): JSX.Element | null {
  if (!table.me.value) return null;
  const { currency } = table.menu.value.menu;
  const newest = table.orders.value[table.orders.value.length - 1];
  const button = buttonFor(table.ordering.value, table.around.value);
  const pieces = table.pieces.value;
  return (
    <nav class="bottom" aria-label="Cart and orders">
      {newest && (
        <button type="button" class="button bottom-orders" onClick={onOrders}>
          <strong>{newest.ticket ?? newest.order_id}</strong> {stageOf(newest.status).short}
        </button>
      )}
      <button type="button" class={`button bottom-cart ${pieces > 0 ? button.tone : "idle"}`} onClick={onBasket}>
        <span>{button.words === "Place Order" ? "Cart" : button.words}</span>
        {pieces > 0 && <span class="bubble number"><span class="unseen">, items: </span>{pieces}</span>}
        <span class="bottom-total number">{pieces > 0 ? formatMoney(table.total_minor.value, currency) : "empty"}</span>
      </button>
    </nav>
  );
}
