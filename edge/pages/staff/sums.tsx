/** The foot of a bill: discount, total, the tax in it by rate, what was paid, what is due. Also on guests' phones. */
import type { JSX } from "preact";
import { formatMoney, type Bill, type BillTax } from "@holdfast/protocol";

export function BillSums({ bill }: { bill: Bill }): JSX.Element {
  const money = (minor: number): string => formatMoney(minor, bill.currency);
  return (
    <dl class="sums number">
      {bill.discount_minor > 0 && <Sum name="Discount" words={`−${money(bill.discount_minor)}`} />}
      <Sum name="Total" words={money(bill.total_minor)} strong />
      {bill.taxes.filter((tax) => tax.tax_minor !== 0).map((tax) => <Sum key={tax.rate_bp} name={rate(tax)} words={money(tax.tax_minor)} soft />)}
      {bill.paid_minor !== 0 && <Sum name="Paid" words={money(bill.paid_minor)} />}
      {bill.held_minor > 0 && <Sum name="On its way" words={money(bill.held_minor)} />}
      {bill.tip_minor > 0 && <Sum name="Tips" words={money(bill.tip_minor)} soft />}
      {bill.balance_minor < 0
        ? <Sum name="To give back" words={money(-bill.balance_minor)} strong />
        : (bill.paid_minor !== 0 || bill.held_minor > 0) && <Sum name="Due" words={money(bill.due_minor)} strong />}
    </dl>
  );
}

/** 1900 → "with 19 % tax". */
const rate = (tax: BillTax): string => `with ${(tax.rate_bp / 100).toLocaleString()} % tax`;

function Sum({ name, words, strong = false, soft = false }: { name: string; words: string; strong?: boolean; soft?: boolean }): JSX.Element {
  return <div class={`sum${strong ? " strong" : ""}${soft ? " soft" : ""}`}><dt>{name}</dt><dd>{words}</dd></div>;
}
