/** How accounts, states and movements are called for people who do not keep books. Pure. */
import type { Tone } from "@holdfast/pages";
import type { Balance } from "./shapes";

const ACCOUNTS: Readonly<Record<string, string>> = {
  revenue: "Sold", tips: "Tips", rounding: "Rounding", differences: "Wrong amounts that were accepted", fees: "Card fees", stripe: "With the card provider", bank: "Paid out to the bank",
  drawer: "Cash in drawers", terminal: "By card terminals", till: "Till", cash: "Paid in at the office", wallet: "In guests' wallets",
  grant: "Guests' balances at venues", deposits: "Deposits of bookings, not used yet", cards: "Cards a box has not booked yet",
  credit: "Owed to venues by guests", loss: "Written off",
};
/** What somebody holds for the organisation stands below zero in the books and is shown as what it is worth. */
const HELD: ReadonlySet<string> = new Set(["stripe", "bank", "drawer", "terminal", "cash", "fees", "credit", "loss"]);
const ORDER = ["revenue", "tips", "rounding", "differences", "fees", "stripe", "bank", "drawer", "terminal", "till", "cash", "wallet", "grant", "deposits", "cards", "credit", "loss"];

export const accountWords = (account: string): string => ACCOUNTS[account] ?? account;
export const shownMinor = ({ account, amount_minor }: Balance): number => (HELD.has(account) ? -amount_minor : amount_minor);

export interface Line { account: string; currency: string; minor: number; parts: [venue: string, minor: number][] }

/** One line an account and currency, with what each venue has of it. */
export function lines(balances: readonly Balance[]): Line[] {
  const found = new Map<string, Line>();
  for (const each of balances) {
    const key = `${each.account} ${each.currency}`;
    const line = found.get(key) ?? { account: each.account, currency: each.currency, minor: 0, parts: [] };
    line.minor += shownMinor(each);
    if (each.venue !== null) line.parts.push([each.venue, shownMinor(each)]);
    found.set(key, line);
  }
  const place = (line: Line): number => (ORDER.includes(line.account) ? ORDER.indexOf(line.account) : ORDER.length);
  return [...found.values()].sort((a, b) => a.currency.localeCompare(b.currency) || place(a) - place(b));
}

export const STATES: Readonly<Record<string, [words: string, tone: Tone]>> = {
  INITIATED: ["begun", "calm"], PENDING: ["on its way", "warn"], UNKNOWN: ["nobody knows yet", "warn"],
  COMPLETED: ["paid", "good"], FAILED: ["not paid", "bad"], REFUNDED: ["given back", "calm"],
};
export const REFUND_STATES: Readonly<Record<string, [words: string, tone: Tone]>> = {
  ...STATES, COMPLETED: ["given back", "good"], FAILED: ["did not arrive", "bad"],
};
const PURPOSES: Readonly<Record<string, string>> = { venue: "Bill", top_up: "Wallet", shop_order: "Shop order" };
export const purposeWords = (purpose: string): string => PURPOSES[purpose] ?? purpose;

const KINDS: Readonly<Record<string, string>> = {
  paid_in: "Paid in", paid_by_card: "Paid in by card", card_refund: "Given back to the card", set_aside: "Set aside", not_set_aside: "Set aside, undone",
  given_back: "Given back by the venue", spent: "Spent", paid_in_at_venue: "Paid in at the venue", paid_out_at_venue: "Handed back at the venue", on_credit: "On the venue's credit", repaid: "Paid back to the venue",
};
export const kindWords = (kind: string): string => KINDS[kind] ?? kind;
