/**
 * Where this phone is, for venues that take orders from inside only.
 *
 * Browsers tell it only to pages that came over HTTPS and only if the guest agrees. Whatever goes wrong, the order is
 * sent without it and the box says what would help. So it is where the guest never answers whether they agree, for which
 * browsers wait without an end. Counterpart: `edge/core/orders/location.py`.
 */
import type { CartSnapshot } from "@holdfast/protocol";

export interface Gps {
  lat: number;
  lon: number;
  accuracy_m: number;
}

/** Where the network may be enough, nobody should wait long for a satellite. */
const PATIENCE_MS = { gps: 10_000, either: 3_000 };
const FRESH_MS = 60_000;
/** For the question whether the page may know. */
const AGREE_MS = 20_000;

/** Null where the venue does not ask for it, and where the phone does not tell. */
export async function whereabouts(policy: CartSnapshot["location_policy"]): Promise<Gps | null> {
  if (policy === "off" || policy === "ip" || !navigator.geolocation) return null;
  const options = { enableHighAccuracy: true, timeout: PATIENCE_MS[policy], maximumAge: FRESH_MS };
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), PATIENCE_MS[policy] + AGREE_MS);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy }),
      () => resolve(null),
      options,
    );
  });
}
