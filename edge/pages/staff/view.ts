/** What every view of the staff page is given. */
import type { Desk } from "./desk";
import type { House } from "./house";

export interface ViewProps {
  house: House;
  desk: Desk;
  /** What stands behind the tab's name in the address. */
  rest: string[];
}
