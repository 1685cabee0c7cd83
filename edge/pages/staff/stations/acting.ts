/** What the parts of a station's sheet are given. */
import type { Station } from "@holdfast/protocol";
import type { Desk } from "../desk";
import type { House } from "../house";

export interface ActProps {
  station: Station;
  house: House;
  desk: Desk;
  busy: boolean;
  /** Do it, then say the words that come of it, or why not; the sheet stays. */
  act: (what: () => Promise<string>) => Promise<void>;
  /** A card has to pay first: show how. */
  onCard: (payment_id: string) => void;
}
