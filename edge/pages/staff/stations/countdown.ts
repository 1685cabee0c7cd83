/** Remember when the sessions in a message of the box were told; what is left is counted from then. */
import type { StaffMessage } from "@holdfast/protocol";
import { note } from "@holdfast/pages";

export function noteAll(message: StaffMessage, now_ms = performance.now()): void {
  if (message.type === "hello") for (const station of message.stations) note(station.session, now_ms);
  else if ("session" in message) note(message.session, now_ms);
}
