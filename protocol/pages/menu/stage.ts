/** How far an order is, as a guest sees it: one word of the box, a step on the way, a sentence. Pure. */
import type { OrderedLine } from "@holdfast/protocol";
import type { Tone } from "../parts";

export interface Stage {
  /** How many of the four steps are done; 0 where the order left the path. */
  step: number;
  short: string;
  words: string;
  tone: Tone;
}

const STAGES: Readonly<Record<string, Stage>> = {
  processing: { step: 0, short: "pending", words: "Your order is being processed...", tone: "calm" },
  confirmed: { step: 1, short: "placed", words: "The kitchen has your order", tone: "good" },
  accepted: { step: 1, short: "accepted", words: "The kitchen has accepted it", tone: "good" },
  preparing: { step: 2, short: "preparing", words: "Being prepared", tone: "good" },
  ready: { step: 3, short: "ready", words: "Ready!", tone: "good" },
  served: { step: 4, short: "served", words: "Served. Enjoy!", tone: "calm" },
  rejected: { step: 0, short: "not possible", words: "The kitchen cannot make this. Please ask the staff.", tone: "bad" },
  failed: { step: 0, short: "failed", words: "This order did not go through", tone: "bad" },
  abandoned: { step: 0, short: "cancelled", words: "This order was given up", tone: "bad" },
};
export const STEPS = ["Placed", "Preparing", "Ready", "Served"];

export function stageOf(status: string): Stage {
  return STAGES[status] ?? { step: 1, short: status, words: status, tone: "calm" };
}

/** What else is to be read of a line: parts of a combo, options, a note, where it is eaten. */
export function wordsOf({ parts, modifiers, note, takeaway }: OrderedLine): string[] {
  return [...parts.map((part) => [part.name, ...part.modifiers].join(", ")), ...modifiers, note, takeaway ? "take away" : ""];
}
