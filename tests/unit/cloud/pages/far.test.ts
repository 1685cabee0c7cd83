/** What a guest far away is told: never that something is done which the venue has not said. */
import { expect, test } from "vitest";
import { barred, joiningWords, told } from "../../../../cloud/pages/table/standing";

const outcome = (status: string, result: Record<string, string> = {}) => ({ status, message: "The dish has sold out.", result });

test("an order on its way is called that, and waits while the venue is not reached", () => {
  expect(told(outcome("WAITING"), { reached: true }).title).toBe("On its way to the venue…");
  expect(told(outcome("WAITING"), null).over).toBe(false);
  const waiting = told(outcome("OVERDUE"), { reached: false });
  expect(waiting).toMatchObject({ tone: "warn", over: false });
  expect(waiting.more).toContain("staff decides");
});

test.each(["DONE", "REFUSED", "EXPIRED", "UNKNOWN", "SOMETHING NEW"])("%s is an end, and only DONE is good news", (status) => {
  const { over, tone } = told(outcome(status), { reached: true });
  expect([over, tone === "good"]).toEqual([true, status === "DONE"]);
});

test.each(["TAKEN", "HELD"])("%s is no end", (status) => {
  expect(told(outcome(status), { reached: true }).over).toBe(false);
});

test("an end says what the venue has said", () => {
  expect(told(outcome("DONE", { order_id: "ORD-7-1" }), null).more).toContain("ORD-7-1");
  expect(told(outcome("REFUSED"), null).more).toBe("The dish has sold out.");
});

test("a venue that takes orders on its Wi-Fi only says so before anybody has chosen", () => {
  const place = { venue_name: "The Harbour", table_name: "T1", reached: true, silent_s: 1 };
  expect(barred(null)).toBeNull();
  expect(barred({ ...place, location_policy: "gps" })).toBeNull();
  expect(barred({ ...place, location_policy: "ip" })).toContain("own Wi-Fi only");
});

test("who is not at the table is told that nobody can let them in, and what becomes of their order", () => {
  expect(joiningWords(null).button).toBe("Join and order");
  expect(joiningWords({ reached: true }).about).not.toContain("no internet");
  expect(joiningWords({ reached: false })).toMatchObject({ button: "Leave the order", about: expect.stringContaining("Nothing is cooked before that.") });
  expect(told(outcome("WAITING"), { reached: false }, true).more).toContain("your seat at the table comes with the order");
});
