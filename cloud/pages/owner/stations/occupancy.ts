/** What the cloud says of a venue's stations, and how it is counted down. Counterpart: `cloud/store/reading/occupancy.py`. */
import { note, type Counted } from "@holdfast/pages";

export interface Station {
  station_id: string;
  name: string;
  kind: string;
  zone: string;
  state: "free" | "playing" | "paused" | "out_of_service";
  postpaid: boolean;
  remaining_s: number | null;
  counts: boolean;
  started_at: string | null;
}

export interface Occupancy {
  busy: number;
  free: number;
  out_of_service: number;
  stations: Station[];
}

export const PLAY_WORDS: Readonly<Record<Station["state"], string>> = {
  free: "Free",
  playing: "Playing",
  paused: "Paused",
  out_of_service: "Out of service",
};

const counted = new WeakMap<Station, Counted>();

/** The time of a station as something that runs down; it stands while the venue is offline or its clock is in doubt. */
export function countedOf(station: Station, live: boolean): Counted {
  const status = live && station.counts ? "ACTIVE" : "PAUSED";
  const known = counted.get(station);
  if (known?.status === status) return known;
  const made = { status, remaining_seconds: station.remaining_s ?? 0, played_seconds: 0 };
  note(made);
  counted.set(station, made);
  return made;
}
