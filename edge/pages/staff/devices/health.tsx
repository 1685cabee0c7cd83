/** How a device in service is, and whom it serves, in a few words. */
import type { JSX } from "preact";
import type { ServingDevice } from "@holdfast/protocol";
import { Badge } from "@holdfast/pages";

export function servesWords(device: ServingDevice, names: ReadonlyMap<string, string>): string {
  if (device.station_id) return names.get(device.station_id) ?? device.station_id;
  if (device.kind === "router") {
    const stations = Object.keys(device.machines).map((id) => names.get(id) ?? id);
    return stations.length > 0 ? `cares for ${stations.join(", ")}` : "cares for no station yet";
  }
  return [device.stations.join(", "), device.receipts ? "receipts" : ""].filter(Boolean).join(" and ") || "prints when asked";
}

export function Health({ device }: { device: ServingDevice }): JSX.Element {
  const worst = ["alarmed", "lost", "shaky"].find((each) => Object.values(device.health).includes(each));
  if (worst === "alarmed") return <Badge tone="bad">does not obey</Badge>;
  if (worst === "lost") return <Badge tone="bad">does not answer</Badge>;
  return <Badge tone="good">{device.power_w === null ? "well" : `${Math.round(device.power_w)} W`}</Badge>;
}
