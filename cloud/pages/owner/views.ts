/** What every section and every tab of a venue is given to draw itself from. */
import type { ComponentType } from "preact";
import type { Fleet } from "./fleet";
import type { Venue } from "./figures";
import type { Place } from "./place";

export interface SectionProps {
  fleet: Fleet;
  place: Place;
  now_ms: number;
}

export interface VenueProps {
  fleet: Fleet;
  venue: Venue;
  place: Place;
  now_ms: number;
}

export type SectionView = ComponentType<SectionProps>;
export type VenueView = ComponentType<VenueProps>;
