/**
 * What an owner may decide about an item of the list after an outage, and how the venue is asked to do it. Pure.
 *
 * Rule of the file: a decision is a row. The venue's box has the last word on each; until it has answered, an item stays.
 * Counterparts: `cloud/owners/venues/commanding.py` takes commands, `cloud/owners/sight/aftermath.py` the rest.
 */
import type { Item } from "./shapes";

export interface Choice {
  words: string;
  look: "go" | "danger" | "plain";
  /** For what cannot be taken back: pressed first, before the button itself appears. */
  sure?: string;
  /** Under the venue's own address. */
  path: string;
  /** `id` makes a repeat of the same press harmless. */
  body: (id: string) => object;
  /** Once it is on its way. */
  sent: string;
}

const SENT = "Sent to the venue; this goes once it has answered.";
const COLLECTED = "The wallet's money is on its way to the venue; this goes once it has arrived.";
/** A day: the venue may be offline. */
const WORTH_S = 86_400;

const asking = (ask: object): Pick<Choice, "path" | "body" | "sent"> => ({
  path: "commands", sent: SENT, body: (command_id) => ({ ask, ttl_s: WORTH_S, command_id }),
});

/** By how an item's key begins, which says what it is about. */
const CHOICES: ReadonlyMap<string, (about: string, money: string) => Choice[]> = new Map(Object.entries<(about: string, money: string) => Choice[]>({
  refund: (request_id) => [
    { words: "Grant", look: "go", ...asking({ kind: "decide_refund", request_id, granted: true }) },
    { words: "Decline", look: "plain", ...asking({ kind: "decide_refund", request_id, granted: false }) },
  ],
  // Money that somebody at the counter is to hand out, until they have, or the owner takes the word back.
  task: (request_id) => [
    { words: "Do not give it back", look: "plain", ...asking({ kind: "decide_refund", request_id, granted: false }) },
  ],
  // A deposit whose money came when its booking was over: to the card by itself, or by the staff at its terminal.
  deposit: (payment_pid) => [
    { words: "Give it back", look: "go", ...asking({ kind: "return_payment", payment_pid, reason: "The booking could no longer be kept" }) },
  ],
  // What became of a card that the terminal had stored: the box takes it off its sum, or off its bill.
  stored: (payment_pid) => [
    { words: "It was sent", look: "go", ...asking({ kind: "settle_stored_card", payment_pid, sent: true }) },
    { words: "It was declined", look: "danger", ...asking({ kind: "settle_stored_card", payment_pid, sent: false }) },
  ],
  // What a guest owes the venue: asked of the wallet once more, or borne by the venue.
  credit: (entry, money) => [
    { words: "Collect from the wallet", look: "go", path: "reconciliation/collect", sent: COLLECTED, body: (mid) => ({ entry, mid }) },
    { words: `Write off ${money}`, look: "danger", sure: "Write off…", ...asking({ kind: "write_off_credit", entry, note: "" }) },
  ],
}));

/** Empty for what the venue need not know of: that is ticked off. */
export function choicesOf({ key }: Pick<Item, "key">, money: string): Choice[] {
  const [about, ...rest] = key.split(":");
  return CHOICES.get(about ?? "")?.(rest.join(":"), money) ?? [];
}

/** Whether anybody here may tick it off; the staff decides what waits for approval. */
export const ticks = ({ key, kind }: Pick<Item, "key" | "kind">): boolean => kind !== "approval" && choicesOf({ key }, "").length === 0;
