/** What time costs at a station now; asked until the box has said so, for nothing can be sold without it. */
import type { Prices } from "@holdfast/protocol";
import { useTold } from "@holdfast/pages";
import type { Desk } from "../desk";

const RETRY_MS = 2_000;

export function usePrices(desk: Desk, station_id: string): Prices | null {
  return useTold(station_id, () => desk.get<Prices>(`/api/v1/stations/${encodeURIComponent(station_id)}/prices`), RETRY_MS).body;
}
