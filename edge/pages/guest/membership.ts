/**
 * Who this phone is at this table, remembered under the table's code.
 *
 * The token is all that makes a phone a member: joining again with it gives the same member back, also after the page
 * was closed or the phone restarted. Counterpart: `POST /session/join` of the box.
 */
import type { Joined } from "@holdfast/protocol";
import { uuid7 } from "@holdfast/protocol";
import { ask, forget, keep, recall, Refused } from "@holdfast/pages";

const placeOf = (code: string): string => `table.${code}`;

export function rememberedMembership(code: string): Joined | null {
  return recall<Joined>(placeOf(code));
}

export function forgetMembership(code: string): void {
  forget(placeOf(code));
}

/** The name that this guest gave last, at whatever table. */
export function rememberedName(): string {
  return recall<string>("name") ?? "";
}

/** Raises `Refused` (`unknown_table`, `invalid`, …) or `Unreachable`; then nothing is remembered. */
export async function join(code: string, name: string): Promise<Joined> {
  const mid = uuid7();
  const token = rememberedMembership(code)?.ws_token ?? null;
  const attempt = async (bearer: string | null): Promise<Joined> =>
    (await ask<Joined>("POST", "/session/join", { body: { table: code, name, mid }, token: bearer })).body;
  let joined: Joined;
  try {
    joined = await attempt(token);
  } catch (error) {
    // The table was closed since, or the box was replaced: this phone is simply new.
    if (!(error instanceof Refused && error.status === 401 && token)) throw error;
    joined = await attempt(null);
  }
  keep(placeOf(code), joined);
  keep("name", name);
  return joined;
}
