/**
 * How a far guest comes to sit at a table: before the order where the venue can be asked, and by the order where not.
 *
 * Both go by one `mid`, so whichever the box hears of first, it is one guest. Counterpart: `cloud/guests/desk.py`.
 */
import { uuid7 } from "@holdfast/protocol";
import { ask } from "@holdfast/pages";

/** What the cloud draws a seat from. */
export interface Wish {
  table: string;
  name: string;
  mid: string;
  word: string | null;
}

/** `session_pid` is null until the box has let the guest in. */
export interface Seat {
  wish: Wish;
  command_id: string;
  member_pid: string;
  ws_token: string;
  session_pid: string | null;
}

/** A seat as the cloud gives it. */
export type Given = Omit<Seat, "wish" | "session_pid">;

export const wish = (table: string, name: string, word: string): Wish => ({ table, name, mid: uuid7(), word: word || null });

/** Ask the venue. Raises `Refused` or `Unreachable`. */
export async function sitDown(base: string, wish: Wish): Promise<Seat> {
  const given = (await ask<Given>("POST", `${base}/session/join`, { body: wish })).body;
  return { ...given, wish, session_pid: null };
}

/** Let in: the pass word has done its work and is not kept. */
export const seated = (seat: Seat, session_pid: string): Seat => ({ ...seat, session_pid, wish: { ...seat.wish, word: null } });

/** With these the box says that it does not know this guest (any more), or wants the pass word. */
export const SEATLESS: ReadonlySet<string> = new Set([
  "token_invalid", "unknown_session", "session_closed", "pass_required", "wrong_pass", "unauthenticated",
]);
