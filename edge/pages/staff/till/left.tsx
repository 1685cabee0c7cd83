/** A bill that is owed, opened from the till: also one whose table was closed long ago. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Bill } from "@holdfast/protocol";
import { Empty, LastWord, useLastWord, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import { Icon } from "../icons";
import { addressOf } from "../route";
import { BillDesk } from "../table/bill";

export function LeftBill({ session_pid, desk }: { session_pid: string; desk: Desk }): JSX.Element {
  const bill = useSignal<Bill | null>(null);
  const problem = useSignal<string | null>(null);
  const show = (found: Bill): void => {
    bill.value = found;
    problem.value = null;
  };
  const question = (): Promise<Bill> => desk.get<Bill>(`/api/v1/bills/${encodeURIComponent(session_pid)}`);
  const word = useLastWord(() => new LastWord(question, show, (error) => (problem.value = wordsFor(error))), [session_pid]);
  useEffect(() => void word.ask(), [word]);
  const take = (next: Bill | null): void => {
    if (next) word.heard(() => show(next));
    void word.ask();
  };
  return (
    <main class="view table-view">
      <header class="table-head">
        <a class="round" href={addressOf("till")} aria-label="Back to the till"><Icon name="back" /></a>
        <h1>{bill.value ? `Bill of ${bill.value.table_name}` : "Bill"}</h1>
      </header>
      {bill.value
        ? <BillDesk bill={bill.value} table={null} desk={desk} onBill={take} onRefresh={() => void word.ask()} />
        : problem.value
          ? <Empty title="This bill cannot be shown"><p>{problem.value}</p><button type="button" class="button go" onClick={() => void word.ask()}>Try again</button></Empty>
          : <Waiting words="Asking the box for the bill…" />}
    </main>
  );
}
