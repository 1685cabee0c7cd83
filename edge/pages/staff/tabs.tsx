/**
 * The tabs of the staff page: a row each. A new tab is a row here and modules of its own.
 *
 * A view gets the house (what is), the desk (asking for something) and the rest of the address (where in the tab).
 */
import type { FunctionComponent } from "preact";
import type { House } from "./house";
import type { IconName } from "./icons";
import { Approvals } from "./afar/approvals";
import { AlarmList } from "./alarms";
import { FloorView } from "./floor/floor";
import { More } from "./more";
import { serves, type Person } from "./person";
import { place } from "./route";
import { TillView } from "./till/till";
import { Stations } from "./stations/stations";
import type { ViewProps } from "./view";

export interface Tab {
  id: string;
  name: string;
  icon: IconName;
  view: FunctionComponent<ViewProps>;
  /** A number on the tab: things that want somebody. */
  count?: (house: House) => number;
  /** Left out for whom it is of no use; everybody when missing. */
  shown?: (me: Person, house: House) => boolean;
}

export const TABS: readonly Tab[] = [
  { id: "floor", name: "Floor", icon: "floor", view: FloorView },
  { id: "stations", name: "Stations", icon: "stations", view: Stations, shown: (_, house) => house.stations.value.length > 0 },
  { id: "till", name: "Till", icon: "till", view: TillView, shown: (me) => serves(me) },
  { id: "alarms", name: "Alarms", icon: "alarms", view: AlarmList, count: (house) => house.alarms.value.filter((alarm) => alarm.seen_ms === null).length },
  { id: "approvals", name: "Approvals", icon: "inbox", view: Approvals, count: (house) => house.afar.value.waiting, shown: (_, house) => house.afar.value.waiting > 0 || place.value.tab === "approvals" },
  { id: "more", name: "More", icon: "more", view: More },
];
