/**
 * Where the table's order stands, and what the one big button says about it.
 *
 *     idle --asked--> asking --locked/202--> processing --confirmed--> idle
 *                       |  `--10 s--> slow       `--failed--> failed --retry, or 2 s, 4 s, 8 s--> asking
 *                       `--refused--> idle
 *
 * Rule of the file: pure. The box's word (snapshot and broadcasts) decides; `asking` and `slow` are only this phone's
 * wait for it. Words and colours are those of seed 002 §8.
 */
import type { CartSnapshot, TableMessage } from "@holdfast/protocol";

export interface Ordering {
  stage: "idle" | "processing" | "failed";
  order_id: string | null;
  locked_by: string | null;
  failure: { message: string; allow_retry: boolean } | null;
  /** This phone pressed the button and waits: `slow` once ten seconds have passed. */
  asking: "no" | "yes" | "slow";
}

export const IDLE: Ordering = { stage: "idle", order_id: null, locked_by: null, failure: null, asking: "no" };

export const MOST_RETRIES = 3;

/** 2 s, then 4, then 8 (seed 002 §7.2). */
export const retryDelay_s = (retries: number): number => 2 * 2 ** retries;

export function fromSnapshot(now: Ordering, snapshot: CartSnapshot): Ordering {
  const { order_processing_status: status, pending_order_id: order_id, locked_by_member: locked_by } = snapshot;
  if (snapshot.cart_locked || status === "processing") {
    return { ...now, stage: "processing", order_id, locked_by, failure: null };
  }
  if (status === "failed") {
    const failure = now.failure ?? { message: "The order did not go through", allow_retry: true };
    return { ...now, stage: "failed", order_id, locked_by: null, failure, asking: "no" };
  }
  return { ...IDLE, asking: now.asking };
}

export function heard(now: Ordering, message: TableMessage): Ordering {
  switch (message.type) {
    case "cart_locked":
      return { ...now, stage: "processing", order_id: message.order_id, locked_by: message.locked_by_member, failure: null };
    case "order_processing":
      return { ...now, stage: "processing", order_id: message.order_id, failure: null };
    case "order_failed": {
      const failure = { message: message.error || message.message, allow_retry: message.allow_retry };
      return { ...now, stage: "failed", order_id: message.order_id, locked_by: null, failure, asking: "no" };
    }
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
  const enabled = around.live && !around.empty;
  return { words: "Place Order", tone: enabled ? "go" : "idle", enabled };
}

/** The sentence above the button, or null when the button says it all. */
export function wordsFor(now: Ordering, around: Surroundings): string | null {
  if (now.asking === "slow") return "No answer yet. Your order may still go through; pressing again cannot order twice.";
  if (now.stage === "processing" && now.locked_by && now.locked_by !== around.me) {
    return `Order being processed by ${around.nameOf(now.locked_by)}`;
  }
  if (now.stage === "processing" || now.asking === "yes") return "Your order is being processed...";
  if (now.stage === "failed" && now.failure) {
    const again = now.failure.allow_retry ? " Tap to retry." : "";
    return `Order failed: ${now.failure.message.replace(/\.$/, "")}.${again}`;
  }
  return null;
}
