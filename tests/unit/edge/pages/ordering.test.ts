/** The one big button says what is true, in the words of seed 002 §8. */
import { describe, expect, test } from "vitest";
import { buttonFor, fromSnapshot, heard, IDLE, retryDelay_s, wordsFor, type Ordering, type Surroundings } from "../../../../edge/pages/guest/ordering";
import { HOST, MEMBER, snapshot } from "./samples";

const AROUND: Surroundings = { me: HOST, live: true, empty: false, nameOf: (member) => (member === MEMBER ? "Anshu" : "Chinu") };
const locked = (by: string): Ordering =>
  heard(IDLE, { type: "cart_locked", locked_by_member: by, order_id: "ORD-7-1", message: "", timestamp: "" });
const failed = (from: Ordering, allow_retry = true): Ordering =>
  heard(from, { type: "order_failed", order_id: "ORD-7-1", error: "POS system unavailable", message: "Order failed.", allow_retry });

describe("the button", () => {
  test("is green and says Place Order when there is something to order", () => {
    expect(buttonFor(IDLE, AROUND)).toEqual({ words: "Place Order", tone: "go", enabled: true });
  });

  test.each([{ live: false }, { empty: true }])("cannot be pressed with %o", (around) => {
    expect(buttonFor(IDLE, { ...AROUND, ...around }).enabled).toBe(false);
  });

  test("waits in grey for the phone that asked", () => {
    const pending = { words: "Pending Confirmation...", tone: "idle", enabled: false };
    expect(buttonFor({ ...IDLE, asking: "yes" }, AROUND)).toEqual(pending);
    expect(buttonFor(locked(HOST), AROUND)).toEqual(pending);
  });

  test("names who is ordering to everyone else", () => {
    expect(buttonFor(locked(MEMBER), AROUND)).toEqual({ words: "Order Being Processed by Anshu", tone: "idle", enabled: false });
    expect(wordsFor(locked(MEMBER), AROUND)).toBe("Order being processed by Anshu");
  });

  test("is orange and offers a retry after a failure, unless the point of sale says that it is no use", () => {
    expect(buttonFor(failed(locked(HOST)), AROUND)).toEqual({ words: "Retry Order", tone: "retry", enabled: true });
    expect(wordsFor(failed(locked(HOST)), AROUND)).toBe("Order failed: POS system unavailable. Tap to retry.");
    expect(buttonFor(failed(locked(HOST), false), AROUND).words).toBe("Place Order");
    expect(wordsFor(failed(locked(HOST), false), AROUND)).toBe("Order failed: POS system unavailable.");
  });

  test("offers another try when nobody has answered for ten seconds", () => {
    expect(buttonFor({ ...IDLE, asking: "slow" }, AROUND)).toMatchObject({ words: "Retry Order", enabled: true });
  });
});

describe("what the box says", () => {
  test("a failure stays in sight when the lock is lifted, before or after", () => {
    const unlocked = { type: "cart_unlocked", order_id: "ORD-7-1", reason: "failed" } as const;
    expect(heard(failed(locked(HOST)), unlocked).stage).toBe("failed");
    expect(failed(heard(locked(HOST), unlocked)).stage).toBe("failed");
  });

  test("a lock that expires frees the cart", () => {
    expect(heard(locked(MEMBER), { type: "cart_unlocked", order_id: "ORD-7-1", reason: "expired" })).toEqual(IDLE);
  });

  test("a confirmation ends everything", () => {
    expect(heard({ ...locked(HOST), asking: "yes" }, { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" })).toEqual(IDLE);
  });
});

describe("a reload in the middle of an order", () => {
  test("finds the cart locked and the button waiting", () => {
    const now = fromSnapshot(IDLE, snapshot({
      cart_locked: true, locked_by_member: HOST, pending_order_id: "ORD-7-1", order_processing_status: "processing",
    }));
    expect(buttonFor(now, AROUND).words).toBe("Pending Confirmation...");
  });

  test("finds a failed order ready for a retry", () => {
    const now = fromSnapshot(IDLE, snapshot({ order_processing_status: "failed" }));
    expect(buttonFor(now, AROUND).words).toBe("Retry Order");
  });

  test("a snapshot does not end this phone's own wait", () => {
    expect(fromSnapshot({ ...IDLE, asking: "yes" }, snapshot()).asking).toBe("yes");
  });
});

test("retries wait two, four and eight seconds", () => {
  expect([0, 1, 2].map(retryDelay_s)).toEqual([2, 4, 8]);
});
