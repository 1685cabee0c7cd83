/** A booking that is in the way of play: the choice to go ahead all the same. */
import type { JSX } from "preact";
import { Refused } from "@holdfast/pages";

export interface Warning {
  agree: () => void;
}

/** What the box warns of, if that is why it said no; the sheet says its words. */
export const warningOf = (error: unknown, agree: () => void): Warning | null =>
  error instanceof Refused && error.code === "station_booked" ? { agree } : null;

export function InTheWay({ warning, busy, onNo }: { warning: Warning; busy: boolean; onNo: () => void }): JSX.Element {
  return (
    <section class="lending stack" aria-label="Booked">
      <p>Whoever goes ahead has to find another seat for one of them.</p>
      <div class="station-acts">
        <button type="button" class="button danger" disabled={busy} onClick={warning.agree}>Begin all the same</button>
        <button type="button" class="button" disabled={busy} onClick={onNo}>No</button>
      </div>
    </section>
  );
}
