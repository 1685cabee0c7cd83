/**
 * An order on its way, and the orders that the venue has.
 *
 * What is sent is kept on the phone first and sent again, word for word under its own ids, until the cloud has answered.
 * Counterparts: `cloud/guests/desk.py` takes it, `cloud/guests/live.py` tells what becomes of it.
 */
import type { FarOrder, FarOutcome } from "@holdfast/protocol";
import { ask, Refused } from "@holdfast/pages";
import type { Gps } from "@holdfast/pages/whereabouts";
import type { FarLine } from "./cart";
import type { Given, Seat, Wish } from "./seat";

export interface Sent {
  mid: string;
  /** Null until the cloud has taken it. */
  command_id: string | null;
  /** Empty where an order that failed is asked for again: its lines are at the table. */
  lines: FarLine[];
  total_minor: number;
  special_instructions: string;
  gps: Gps | null;
  /** The phone was asked where it is. */
  located: boolean;
  /** Who sits down by this very order; null for a guest who has a seat. */
  first: Wish | null;
  /** The seat that the cloud has drawn for them. */
  given: Given | null;
  outcome: FarOutcome;
}

export interface Followed {
  command_id: string;
  told: FarOrder;
  /** The guest has been congratulated on it. */
  cheered: boolean;
  /** When it was placed, in milliseconds since the epoch, by this phone. */
  since_ms: number;
}

export const NOTHING_YET: FarOutcome = { status: "WAITING", code: "", message: "", result: {}, order: null };

/** Hand it to the cloud. Raises `Refused` or `Unreachable`. */
export async function submit(base: string, sent: Sent, seat: Seat | null): Promise<Pick<Sent, "command_id" | "given">> {
  const { mid, lines, special_instructions } = sent;
  const what = { mid, lines, special_instructions, ...(sent.gps && { gps: sent.gps }) };
  if (sent.first) {
    const { command_id, seat: given } = (await ask<{ command_id: string; seat: Given }>("POST", `${base}/session/order`, { body: { ...what, seat: sent.first } })).body;
    return { command_id, given };
  }
  if (!seat?.session_pid) throw new Refused(401, "unauthenticated", "Please join the table again.");
  const { session_pid, member_pid, ws_token: token } = seat;
  const { command_id } = (await ask<{ command_id: string }>("POST", `${base}/orders`, { body: { ...what, session_pid, member_pid }, token })).body;
  return { command_id, given: null };
}

const EVENING_MS = 12 * 3_600_000;
const MOST = 20;

/** Newest first, each order once; those of another evening are forgotten. */
export function kept(orders: readonly Followed[], now_ms: number): Followed[] {
  const seen = new Set<string>();
  return orders
    .filter(({ since_ms, told }) => now_ms - since_ms < EVENING_MS && !seen.has(told.order.order_id) && seen.add(told.order.order_id))
    .slice(0, MOST);
}

/** Whether the kitchen, or the till, has said yes to it: until then there is nothing to celebrate. */
export const isPlaced = ({ told }: Followed): boolean => told.order.ticket !== null && told.order.status !== "failed" && told.order.status !== "abandoned";
