/**
 * Ids made by the client, so that a retry never doubles anything.
 *
 * `crypto.randomUUID` is missing on plain-HTTP origins; `crypto.getRandomValues` is not. Counterpart: `protocol/identity.py`.
 */

/** RFC 9562 §5.7 UUID version 7: time-ordered; uniqueness rests on 74 random bits, so a wrong clock does no harm. */
export function uuid7(wall_ms: number = Date.now(), entropy = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16);
  for (let place = 5, rest = Math.floor(wall_ms); place >= 0; place--, rest = Math.floor(rest / 256)) {
    bytes[place] = rest % 256;
  }
  bytes.set(entropy.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
