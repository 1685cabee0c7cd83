/**
 * Where the table's order stands, and what the one big button says about it.
 *
 *     idle --asked--> asking --locked/202--> processing --confirmed--> idle
 *                       |  `--10 s--> slow       `--failed--> failed --retry--> asking
 *                       `--refused--> idle                       `--cart changed--> idle
 *
 * Rule of the file: pure. The box's word (snapshot and broadcasts) decides; `asking` and `slow` are only this phone's
 * wait for it. Words and colours are those of seed 002 §8.
 */
import type { CartSnapshot, TableMessage } from "@holdfast/protocol";

export interface Ordering {
  stage: "idle" | "processing" | "failed";
  order_id: string | null;
  locked_by: string | null;
  /** What the box knows of an order under way. */
  words: string | null;
  failure: { message: string; allow_retry: boolean } | null;
  /** This phone pressed the button and waits: `slow` once ten seconds have passed. */
  asking: "no" | "yes" | "slow";
}

export const IDLE: Ordering = { stage: "idle", order_id: null, locked_by: null, words: null, failure: null, asking: "no" };

const PROCESSING = "Your order is being processed...";

export function fromSnapshot(now: Ordering, snapshot: CartSnapshot): Ordering {
  const { order_processing_status: status, pending_order_id: order_id, locked_by_member: locked_by } = snapshot;
  const { order_processing_message: words, order_failure: failed } = snapshot;
  if (snapshot.cart_locked || status === "processing") {
    return { ...now, stage: "processing", order_id, locked_by, words, failure: null };
  }
  if (!failed) return { ...IDLE, asking: now.asking };
  const failure = { message: failed.error, allow_retry: failed.allow_retry };
  return { ...now, stage: "failed", order_id: failed.order_id, locked_by: null, words: null, failure };
}

export function heard(now: Ordering, message: TableMessage): Ordering {
  switch (message.type) {
    case "cart_locked":
      return { ...now, stage: "processing", order_id: message.order_id, locked_by: message.locked_by_member, words: null, failure: null };
    case "order_processing":
      return { ...now, stage: "processing", order_id: message.order_id, words: message.message, failure: null };
    case "order_failed": {
      const failure = { message: message.error || message.message, allow_retry: message.allow_retry };
      return { ...now, stage: "failed", order_id: message.order_id, locked_by: null, words: null, failure, asking: "no" };
    }
    case "cart_update":
      // What failed is no longer what is in the cart.
      return now.stage === "failed" ? { ...IDLE, asking: now.asking } : now;
    case "cart_unlocked":
      return now.stage === "failed" ? { ...now, locked_by: null } : { ...IDLE, asking: now.asking };
    case "order_confirmed":
    case "order_fired":
      return IDLE;
    default:
      return now;
  }
}

export interface OrderButton {
  words: string;
  tone: "go" | "retry" | "idle";
  enabled: boolean;
}

export interface Surroundings {
  me: string;
  live: boolean;
  empty: boolean;
  /** Some line has to be looked at again before anything is ordered. */
  recalled: boolean;
  nameOf: (member: string) => string;
}

export function buttonFor(now: Ordering, around: Surroundings): OrderButton {
  const idle = (words: string): OrderButton => ({ words, tone: "idle", enabled: false });
  if (now.stage === "processing" && now.locked_by && now.locked_by !== around.me) {
    return idle(`Order Being Processed by ${around.nameOf(now.locked_by)}`);
  }
  if (now.asking === "slow") return { words: "Retry Order", tone: "retry", enabled: around.live };
  if (now.stage === "processing" || now.asking === "yes") return idle("Pending Confirmation...");
  if (now.stage === "failed" && now.failure?.allow_retry !== false && !around.empty) {
    return { words: "Retry Order", tone: "retry", enabled: around.live };
  }
  if (around.recalled) return { words: "Check the changed dishes", tone: "retry", enabled: false };
  const enabled = around.live && !around.empty;
  return { words: "Place Order", tone: enabled ? "go" : "idle", enabled };
}

/** The sentence above the button, or null when the button says it all. */
export function wordsFor(now: Ordering, around: Surroundings): string | null {
  if (now.asking === "slow") return "No answer yet. Your order may still go through; pressing again cannot order twice.";
  if (now.stage === "processing" && now.locked_by && now.locked_by !== around.me) {
    return `Order being processed by ${around.nameOf(now.locked_by)}`;
  }
  if (now.stage === "processing" || now.asking === "yes") return now.words ?? PROCESSING;
  if (now.stage === "failed" && now.failure) {
    const again = now.failure.allow_retry ? " Tap to retry." : " Please ask the staff.";
    return `Order failed: ${now.failure.message.replace(/\.$/, "")}.${again}`;
  }
  return null;
}
