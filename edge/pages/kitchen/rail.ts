/**
 * The rail that tickets hang on: which are open, in what order, and where each may go next.
 *
 * Rule of the file: pure. A state changes on the rail only when the box says so; a press that the box has not answered
 * is in `board.ts`. Counterpart: `protocol/facts/ticket.py`, whose table of transitions this one offers buttons for.
 */
import type { KitchenTicket, TicketState } from "@holdfast/protocol";

export type TicketKey = string;

export const keyOf = (ticket: Pick<KitchenTicket, "ticket" | "station">): TicketKey => `${ticket.ticket}@${ticket.station}`;

export interface Step {
  to: TicketState;
  words: string;
}

/** state → the one big button, then the small ones. */
const STEPS: Readonly<Record<TicketState, readonly Step[]>> = {
  held: [{ to: "rejected", words: "Cancel" }],
  fired: [{ to: "accepted", words: "Accept" }, { to: "rejected", words: "Reject" }],
  received: [{ to: "accepted", words: "Accept" }, { to: "rejected", words: "Reject" }],
  accepted: [{ to: "preparing", words: "Start" }, { to: "rejected", words: "Reject" }],
  preparing: [{ to: "ready", words: "Ready" }, { to: "rejected", words: "Reject" }],
  recalled: [{ to: "preparing", words: "Start again" }, { to: "ready", words: "Ready" }],
  ready: [{ to: "served", words: "Served" }, { to: "recalled", words: "Recall" }],
  served: [{ to: "recalled", words: "Recall" }],
  rejected: [],
};

export const stepsFrom = (state: TicketState): readonly Step[] => STEPS[state];

export type Rail = ReadonlyMap<TicketKey, KitchenTicket>;

export function hung(rail: Rail, ticket: KitchenTicket): Rail {
  return new Map(rail).set(keyOf(ticket), ticket);
}

/** What is open replaces what was; tickets that left the kitchen stay for a recall. */
export function rehung(rail: Rail, open: KitchenTicket[]): Rail {
  const kept = [...rail.values()].filter((ticket) => isDone(ticket));
  return new Map([...kept, ...open].map((ticket) => [keyOf(ticket), ticket]));
}

export const isDone = (ticket: KitchenTicket): boolean => ticket.state === "served" || ticket.state === "rejected";

/** A later course of an order, at whichever of the shown stations it will be cooked. */
export interface Coming {
  order_id: string;
  course: string;
  tickets: KitchenTicket[];
}

export interface Sorted {
  cooking: KitchenTicket[];
  coming: Coming[];
  ready: KitchenTicket[];
  /** The latest first, a dozen at most. */
  done: KitchenTicket[];
}

const MOST_DONE = 12;

export function sorted(rail: Rail): Sorted {
  const all = [...rail.values()].sort((a, b) => a.seq - b.seq);
  return {
    cooking: all.filter((ticket) => !isDone(ticket) && ticket.state !== "ready" && ticket.state !== "held"),
    coming: comingOf(all.filter((ticket) => ticket.state === "held")),
    ready: all.filter((ticket) => ticket.state === "ready"),
    done: all.filter(isDone).reverse().slice(0, MOST_DONE),
  };
}

function comingOf(held: KitchenTicket[]): Coming[] {
  const courses = new Map<string, Coming>();
  for (const ticket of held) {
    const { order_id, course } = ticket;
    const key = `${order_id}/${course}`;
    const known = courses.get(key) ?? { order_id, course, tickets: [] };
    courses.set(key, { ...known, tickets: [...known.tickets, ticket] });
  }
  return [...courses.values()];
}

/** Whether a ticket is to be cooked that was not before: it is new, or its course was fired. */
export const isFresh = (rail: Rail, ticket: KitchenTicket): boolean =>
  ticket.state === "fired" && (rail.get(keyOf(ticket))?.state ?? "held") === "held";

/** How many of each dish are still to be cooked, most first; what is bumped is cooked. */
export function allDay(cooking: KitchenTicket[]): [name: string, qty: number][] {
  const counts = new Map<string, number>();
  const left = cooking.flatMap((ticket) => ticket.items.filter((item) => !ticket.done.includes(item.id)));
  for (const item of left) counts.set(item.name, (counts.get(item.name) ?? 0) + item.qty);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

export type Age = "fresh" | "aging" | "late";

/** Five minutes, ten minutes. */
export function ageOf(age_s: number): Age {
  if (age_s < 300) return "fresh";
  return age_s < 600 ? "aging" : "late";
}
