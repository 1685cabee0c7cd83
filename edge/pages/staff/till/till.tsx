/** The till: the open shift and its drawer, bills that are still owed, and the shifts before. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type BillRow, type Shift } from "@holdfast/protocol";
import { clockTime, count, Empty, Waiting } from "@holdfast/pages";
import { Icon } from "../icons";
import { addressOf } from "../route";
import { StoredList } from "../stored/list";
import type { ViewProps } from "../view";
import { since } from "../time";
import { ReceiptSheet } from "../table/receipt";
import { Balances } from "./balances";
import { Drawer } from "./drawer";
import { LeftBill } from "./left";
import { CashSheet, CloseSheet, NumberSheet, OpenSheet, ReportSheet } from "./shift";

type Over = null | "open" | "cash" | "close" | "receipt" | { report: string };

/** `rest` is empty, or `bill` and the session that owes it. */
export function TillView({ house, desk, rest }: ViewProps): JSX.Element {
  const drawer = useMemo(() => new Drawer(house, desk), []);
  const over = useSignal<Over>(null);
  useEffect(() => drawer.start(), [drawer]);
  const looking = rest.length === 0;
  useEffect(() => {
    if (looking) void drawer.refresh();
  }, [looking]);
  const close = (): void => void (over.value = null);
  const done = (): void => {
    close();
    void drawer.refresh();
  };
  const shift = drawer.shift.value;
  const open = over.value;
  const currency = house.status.value?.currency ?? shift?.currency ?? "EUR";
  if (rest[0] === "bill" && rest[1]) return <LeftBill key={rest[1]} session_pid={rest[1]} desk={desk} />;
  return (
    <main class="view">
      <header class="view-head"><h1>Till</h1><FindReceipt onFind={() => (over.value = "receipt")} /></header>
      {!drawer.known.value
        ? drawer.problem.value
          ? <Empty title="The till cannot be shown"><p>{drawer.problem.value}</p><button type="button" class="button go" onClick={() => void drawer.refresh()}>Try again</button></Empty>
          : <Waiting words="Asking the box about the till…" />
        : (
          <div class="till">
            {shift ? <OpenShift shift={shift} skew_ms={house.skew_ms.value} onDo={(what) => (over.value = what)} /> : <NoShift onOpen={() => (over.value = "open")} />}
            <div class="till-beside">
              <StoredList house={house} desk={desk} />
              <Owed bills={drawer.bills.value} />
              <Balances desk={desk} currency={currency} onMoney={() => void drawer.refresh()} />
              <Before drawer={drawer} currency={currency} onOpen={(report) => (over.value = { report })} />
            </div>
          </div>
        )}
      {open === "open" && <OpenSheet desk={desk} currency={currency} onDone={done} onClose={close} />}
      {open === "cash" && shift && <CashSheet shift={shift} desk={desk} onDone={done} onClose={close} />}
      {open === "close" && shift && <CloseSheet shift={shift} desk={desk} onClosed={(report) => { void drawer.refresh(); over.value = { report }; }} onClose={close} />}
      {open === "receipt" && <Find desk={desk} onClose={close} />}
      {open !== null && typeof open === "object" && <ReportSheet shift_pid={open.report} desk={desk} onClose={close} />}
    </main>
  );
}

function NoShift({ onOpen }: { onOpen: () => void }): JSX.Element {
  return (
    <section class="card">
      <Empty title="No shift is open">
        <p>Count the change into the drawer, then open the shift. Money that comes before opens one by itself.</p>
        <button type="button" class="button go big" onClick={onOpen}>Open shift</button>
      </Empty>
    </section>
  );
}

const METHODS: Readonly<Record<string, string>> = { CASH: "Cash", CARD: "Card", BALANCE: "Balance" };
/**
 * What counts beside the sales. Deposits that are taken are in the drawer and no sale yet; used or kept they are a sale, and
 * came before. What is paid in on balances is in the drawer and no sale: it is the guests' own until it pays for something.
 */
const BESIDE: Readonly<Record<string, string>> = {
  void: "Voided", comp: "On the house", discount: "Discounts",
  taken: "Deposits taken", used: "Deposits used for play", kept: "Deposits kept", returned: "Deposits given back",
  paid_in: "Balances paid in", given_back: "Balances given back",
};

function OpenShift({ shift, skew_ms, onDo }: { shift: Shift; skew_ms: number; onDo: (what: Over) => void }): JSX.Element {
  const { report } = shift;
  const money = (minor: number): string => formatMoney(minor, shift.currency);
  const by = shift.opened_by?.replace(/^staff:/, "");
  return (
    <section class="card" aria-label="Open shift">
      <div class="drawer">
        <span class="soft">In the drawer</span>
        <strong class="number">{money(report.expected_minor)}</strong>
        <span class="soft">Open since {clockTime(shift.opened_at)}, {since(shift.opened_at, skew_ms)}{shift.by_itself ? ", by the first payment" : by ? `, by ${by}` : ""}</span>
      </div>
      <dl class="sums number">
        <Line name={`Sales, ${count(report.receipts, "receipt")}`} words={money(report.receipts_minor)} strong />
        {report.methods.map((each) => <Line key={each.method} name={`${METHODS[each.method] ?? each.method} (${each.count})${each.tip_minor > 0 ? `, tips ${money(each.tip_minor)}` : ""}`} words={money(each.amount_minor + each.tip_minor - each.back_minor)} />)}
        {[...report.adjustments, ...report.deposits, ...report.prepaid].map((each) => <Line key={each.kind} name={`${BESIDE[each.kind] ?? each.kind} (${each.count})`} words={money(each.amount_minor)} />)}
        <Line name="Change at the start" words={money(report.float_minor)} />
        {report.cash_in_minor > 0 && <Line name="Cash put in" words={money(report.cash_in_minor)} />}
        {report.cash_out_minor > 0 && <Line name="Cash taken out" words={`−${money(report.cash_out_minor)}`} />}
      </dl>
      <div class="bill-foot">
        <button type="button" class="button" onClick={() => onDo("cash")}><Icon name="cash" />Cash in or out</button>
        <button type="button" class="button" onClick={() => onDo({ report: shift.shift_pid })}><Icon name="print" />X report</button>
        <button type="button" class="button go" onClick={() => onDo("close")}><Icon name="check" />Close shift</button>
      </div>
    </section>
  );
}

function Line({ name, words, strong = false }: { name: string; words: string; strong?: boolean }): JSX.Element {
  return <div class={strong ? "sum strong" : "sum"}><dt>{name}</dt><dd>{words}</dd></div>;
}

function Owed({ bills }: { bills: BillRow[] }): JSX.Element {
  const owed_minor = bills.reduce((sum, bill) => sum + bill.balance_minor, 0);
  return (
    <section class="card" aria-label="Not paid">
      <h2>Not paid {bills.length > 0 && <span class="soft number">{formatMoney(owed_minor, bills[0]!.currency)}</span>}</h2>
      {bills.length === 0 && <p class="soft">Everything that was served is paid.</p>}
      <ul class="lines">
        {bills.map((bill) => (
          <li key={bill.session_pid} class="line">
            <a class="line-button" href={addressOf("till", "bill", bill.session_pid)}>
              <span class="line-words">{bill.table_name} <span class="soft">since {clockTime(bill.opened_at)}</span></span>
              <span class="number line-price">{bill.balance_minor < 0 ? `give back ${formatMoney(-bill.balance_minor, bill.currency)}` : formatMoney(bill.balance_minor, bill.currency)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Before({ drawer, currency, onOpen }: { drawer: Drawer; currency: string; onOpen: (shift_pid: string) => void }): JSX.Element | null {
  const before = drawer.before.value;
  if (before.length === 0) return null;
  return (
    <section class="card" aria-label="Z reports">
      <h2>Z reports</h2>
      <ul class="lines">
        {before.slice(0, 12).map((shift) => {
          const off_minor = shift.difference_minor ?? 0;
          return (
            <li key={shift.shift_pid} class="line">
              <button type="button" class="line-button" onClick={() => onOpen(shift.shift_pid)}>
                <span class="line-words">Z {shift.z_number} <span class="soft">{new Date(shift.opened_at).toLocaleDateString()}{shift.till === "main" ? "" : `, ${shift.till}`}</span></span>
                <span class={`number line-price${off_minor === 0 ? " soft" : ""}`}>{off_minor === 0 ? "exact" : off_minor > 0 ? `${formatMoney(off_minor, currency)} over` : `${formatMoney(-off_minor, currency)} short`}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function FindReceipt({ onFind }: { onFind: () => void }): JSX.Element {
  return <button type="button" class="button push" onClick={onFind}><Icon name="print" />Find a receipt</button>;
}

/** By its number, which stands on the guest's paper. */
function Find({ desk, onClose }: { desk: ViewProps["desk"]; onClose: () => void }): JSX.Element {
  const number = useSignal<number | null>(null);
  if (number.value !== null) return <ReceiptSheet number={number.value} desk={desk} onClose={onClose} />;
  return <NumberSheet title="Find a receipt" onFind={(next) => (number.value = next)} onClose={onClose} />;
}
