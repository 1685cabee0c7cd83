/** What the counter is told of a booking that moves. */
import type { Booking } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { depositWords } from "../../../../edge/pages/staff/bookings/day";

test("the deposit of a booking that moves goes back no longer than before, and never once the guest is waited for", () => {
  const hour = (number: number): number => Date.UTC(2026, 10, 21, number);
  const booking = { starts_ms: hour(18), free_until: new Date(hour(16)).toISOString() } as Booking;
  const words = (starts: number, now: number): string => depositWords(booking, hour(starts), hour(now)).split("booking. ")[1]!;
  expect(words(18, 12)).toBe("Until when it goes back does not change.");
  expect([words(20, 12), words(16, 12)]).toEqual([words(18, 12), words(18, 12)]);
  expect(words(14, 12)).toBe("It goes back for whoever cancels before the new hour.");
  expect([words(20, 17), words(14, 17)]).toEqual(Array(2).fill("It is too late for it to go back, also after moving."));
});
