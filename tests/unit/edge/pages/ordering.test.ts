/** The one big button says what is true, in the words of seed 002 §8. */
import { describe, expect, test } from "vitest";
import { buttonFor, fromSnapshot, heard, IDLE, wordsFor, type Ordering, type Surroundings } from "../../../../edge/pages/guest/ordering";
import { FAILURE, HOST, item, MEMBER, snapshot, update } from "./samples";

const AROUND: Surroundings = { me: HOST, live: true, empty: false, recalled: false, nameOf: (member) => (member === MEMBER ? "Anshu" : "Chinu") };
const locked = (by: string): Ordering =>
  heard(IDLE, { type: "cart_locked", locked_by_member: by, order_id: "ORD-7-1", message: "", timestamp: "" });
const failed = (from: Ordering, allow_retry = true): Ordering =>
  heard(from, { ...FAILURE, allow_retry });

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
    expect(wordsFor(failed(locked(HOST), false), AROUND)).toBe("Order failed: POS system unavailable. Please ask the staff.");
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

  test("a failure is over when the cart is no longer what was ordered", () => {
    const now = heard(failed(locked(HOST)), update("update", 9, item({ version: 2 })));
    expect(buttonFor(now, AROUND)).toEqual({ words: "Place Order", tone: "go", enabled: true });
    expect(wordsFor(now, AROUND)).toBeNull();
  });

  test("what is known of an order under way is said while it is tried again", () => {
    const again = { type: "order_processing", order_id: "ORD-7-1", message: "The till is down. Trying again..." } as const;
    expect(wordsFor(locked(HOST), AROUND)).toBe("Your order is being processed...");
    expect(wordsFor(heard(locked(HOST), again), AROUND)).toBe("The till is down. Trying again...");
    expect(wordsFor(heard(locked(MEMBER), again), AROUND)).toBe("Order being processed by Anshu");
  });

  test("a confirmation ends everything", () => {
    expect(heard({ ...locked(HOST), asking: "yes" }, { type: "order_confirmed", order_id: "ORD-7-1", ticket: "K-1", message: "" })).toEqual(IDLE);
  });
});

describe("a reload in the middle of an order", () => {
  test("finds the cart locked and the button waiting", () => {
    const now = fromSnapshot(IDLE, snapshot({
      cart_locked: true, locked_by_member: HOST, pending_order_id: "ORD-7-1", order_processing_status: "processing",
      order_processing_message: "The till is down. Trying again...",
    }));
    expect(buttonFor(now, AROUND).words).toBe("Pending Confirmation...");
    expect(wordsFor(now, AROUND)).toBe("The till is down. Trying again...");
  });

  test("finds a failed order ready for a retry", () => {
    const order_failure = { order_id: "ORD-7-1", error: "POS system unavailable", code: "pos_unavailable", allow_retry: true };
    const now = fromSnapshot(IDLE, snapshot({ order_processing_status: "failed", order_failure }));
    expect(buttonFor(now, AROUND).words).toBe("Retry Order");
    expect(wordsFor(now, AROUND)).toBe("Order failed: POS system unavailable. Tap to retry.");
  });

  test("a snapshot does not end this phone's own wait", () => {
    expect(fromSnapshot({ ...IDLE, asking: "yes" }, snapshot()).asking).toBe("yes");
  });
});
