/**
 * What the guest did and the box has not yet answered.
 *
 * Each tap becomes an intent with a `mid`; it is kept across reloads and sent again, word for word, until the box answers
 * under that `mid`, which makes every repeat harmless. Per line at most one intent is under way, because the next version
 * is only known from its answer; taps made meanwhile are folded into one waiting intent.
 *
 * Rule of the file: pure; an intent that was once sent never changes. Counterpart: outcomes by `mid` in the box's journal.
 */
import type { CartItem, CartMutate, CartUpdate, SlotChoice } from "@holdfast/protocol";
import type { Cart } from "./cart";

/** Name of a line: the author's `tmpId` until the box has numbered it, then `#100`. */
export type LineKey = string;

interface Stamp {
  mid: string;
  line: LineKey;
  /** Version of the line it was first sent against; null while never sent. */
  base: number | null;
  /** Sent on the present connection. */
  sent: boolean;
}

export interface NewLine {
  menu_item: number;
  qty: number;
  note: string;
  modifiers: number[];
  takeaway: boolean;
  choices: SlotChoice[];
}

/** What a guest may change about a line; `confirm` agrees to the dish as the menu has it by now. */
export interface Change {
  qty: number;
  takeaway: boolean;
  confirm?: boolean;
}

export type Intent =
  | (Stamp & { op: "create" } & NewLine)
  | (Stamp & { op: "update" } & Change)
  | (Stamp & { op: "delete" });

export type Intents = readonly Intent[];

export const keyOf = (item: Pick<CartItem, "id">): LineKey => `#${item.id}`;
const idOf = (line: LineKey): number | null => (line.startsWith("#") ? Number(line.slice(1)) : null);

export function toCreate(intents: Intents, made: NewLine, mid: string): Intents {
  return [...intents, { op: "create", ...made, mid, line: `c${mid}`, base: null, sent: false }];
}

export function toChange(intents: Intents, line: LineKey, change: Change, mid: string): Intents {
  const waiting = intents.find((intent) => intent.line === line && intent.base === null && intent.op !== "delete");
  if (waiting) return intents.map((intent) => (intent === waiting ? { ...waiting, ...change } : intent));
  return [...intents, { op: "update", ...change, mid, line, base: null, sent: false }];
}

export function toRemove(intents: Intents, line: LineKey, mid: string): Intents {
  const neverSent = (intent: Intent): boolean => intent.line === line && intent.base === null;
  const unborn = intents.some((intent) => neverSent(intent) && intent.op === "create");
  const rest = intents.filter((intent) => !neverSent(intent));
  return unborn ? rest : [...rest, { op: "delete", mid, line, base: null, sent: false }];
}

export interface Sending {
  intents: Intents;
  messages: CartMutate[];
}

/** What can be sent now. A line whose first intent is under way or unnumbered holds back those behind it. */
export function sendable(intents: Intents, cart: Cart): Sending {
  const busy = new Set<LineKey>();
  const messages: CartMutate[] = [];
  const after = intents.flatMap((intent): Intent[] => {
    const first = !busy.has(intent.line);
    busy.add(intent.line);
    if (!first || intent.sent) return [intent];
    const base = intent.base ?? baseOf(intent, cart);
    if (base === null) return idOf(intent.line) === null ? [intent] : [];
    messages.push(asMessage(intent, base));
    return [{ ...intent, base, sent: true }];
  });
  return { intents: after, messages };
}

/** Null for a line that the box has not numbered, or has taken out: then there is nothing left to change. */
function baseOf(intent: Intent, cart: Cart): number | null {
  if (intent.op === "create") return 0;
  const id = idOf(intent.line);
  return id === null ? null : cart.items.get(id)?.version ?? null;
}

function asMessage(intent: Intent, base: number): CartMutate {
  const { mid, line } = intent;
  const id = idOf(line) ?? 0;
  switch (intent.op) {
    case "create": {
      const { menu_item, qty, note, modifiers, takeaway, choices } = intent;
      return { type: "cart_mutate", op: "create", tmpId: line, menu_item, qty, note, modifiers, takeaway, choices, mid };
    }
    case "update": {
      const { qty, takeaway, confirm } = intent;
      return { type: "cart_mutate", op: "update", id, version: base, qty, takeaway, ...(confirm && { confirm }), mid };
    }
    case "delete":
      return { type: "cart_mutate", op: "delete", id, version: base, mid };
  }
}

/** Nothing is known to have arrived on a new connection: everything goes out again, in order, under the same mids. */
export function unsent(intents: Intents): Intents {
  return intents.map((intent) => (intent.sent ? { ...intent, sent: false } : intent));
}

/** One of them goes out again: the box asked for the pass word, or for a slower pace. */
export function resend(intents: Intents, mid: string): Intents {
  return intents.map((intent) => (intent.mid === mid ? { ...intent, sent: false } : intent));
}

/** What remains after the box's answer; waiting changes of a new line now know its number. */
export function answered(intents: Intents, update: CartUpdate): Intents {
  const done = intents.find((intent) => intent.mid === update.mid);
  const line = keyOf(update.item);
  return intents
    .filter((intent) => intent !== done && !(update.op === "delete" && intent.line === line))
    .map((intent) => (done?.op === "create" && intent.line === done.line ? { ...intent, line } : intent));
}

/** What remains after a refusal: what was built on the refused intent falls with it. */
export function refused(intents: Intents, mid: string): Intents {
  const fallen = intents.find((intent) => intent.mid === mid);
  return fallen ? intents.filter((intent) => intent.line !== fallen.line) : intents;
}
