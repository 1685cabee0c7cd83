/**
 * Asking for the order until there is an answer.
 *
 * One press is one `mid` and one body. They are repeated unchanged while nobody answers, so a lost answer can never make
 * two orders; only an answer, yes or no, ends them. An order that the point of sale failed is tried again by the phone
 * that asked, after 2, 4 and 8 seconds (seed 002 §7.2), unless somebody touches the cart meanwhile.
 */
import { signal } from "@preact/signals";
import type { OrderReply, TableMessage } from "@holdfast/protocol";
import { cartHash, uuid7 } from "@holdfast/protocol";
import { ask, Refused } from "@holdfast/pages";
import { MOST_RETRIES, retryDelay_s } from "./ordering";
import type { Table } from "./table";

const PATIENCE_MS = 10_000;
const ASK_AGAIN_MS = 2_000;

interface Question {
  session_pid: string;
  cart_hash: string;
  special_instructions: string;
  mid: string;
}

export class Asking {
  /** The order to congratulate on, until the guest has seen it. */
  readonly placed = signal<OrderReply | null>(null);
  private question: Question | null = null;
  private running = false;
  private retries = 0;
  private hurry: () => void = () => {};
  private slowAlarm: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly announced = new Set<string>();

  constructor(private readonly table: Table) {}

  /** The button. Pressed again while unanswered, it asks the same question at once. */
  async press(special_instructions: string, retries = 0): Promise<void> {
    const { ordering } = this.table;
    if (ordering.value.asking === "yes") return;
    this.retries = retries;
    clearTimeout(this.again);
    clearTimeout(this.slowAlarm);
    this.slowAlarm = setTimeout(() => this.slow(), PATIENCE_MS);
    ordering.value = { ...ordering.value, asking: "yes" };
    if (this.running) return this.hurry();
    this.running = true;
    await this.settled();
    this.question = this.questionAbout(special_instructions);
    while (this.question) await this.askOnce(this.question);
    this.running = false;
  }

  /** What everyone at the table is told, before the table's own state follows it. */
  heard(message: TableMessage, special_instructions: string): void {
    if (message.type === "order_confirmed") this.congratulate({ order_id: message.order_id, ticket: message.ticket });
    if (message.type !== "order_failed") return;
    const mine = this.question !== null;
    this.ended();
    if (!mine || !message.allow_retry || this.retries >= MOST_RETRIES) return;
    const again = (): void => void this.press(special_instructions, this.retries + 1);
    this.again = setTimeout(again, retryDelay_s(this.retries) * 1_000);
  }

  /** Somebody changed the cart: what would be tried again is no longer what was asked for. */
  cartTouched(): void {
    clearTimeout(this.again);
  }

  /** Until the box has answered for every tap, nobody knows the cart that the hash speaks of. */
  private settled(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.table.intents.subscribe((now) => {
        if (now.length > 0) return;
        resolve();
        queueMicrotask(() => stop());
      });
    });
  }

  private questionAbout(special_instructions: string): Question | null {
    const me = this.table.me.value;
    if (!me) return null;
    const cart_hash = cartHash(this.table.cart.value.items.values());
    return { session_pid: me.session_pid, cart_hash, special_instructions, mid: uuid7() };
  }

  private async askOnce(question: Question): Promise<void> {
    const token = this.table.me.value?.ws_token ?? null;
    try {
      const { body } = await ask<OrderReply>("POST", "/orders", { body: question, token, timeout_ms: PATIENCE_MS });
      if (body.status !== "processing") return this.congratulate(body);
      const { ordering } = this.table;
      ordering.value = { ...ordering.value, stage: "processing", order_id: body.order_id };
    } catch (error) {
      if (error instanceof Refused) return this.refused(error);
    }
    if (this.question) await this.pause();
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const alarm = setTimeout(resolve, ASK_AGAIN_MS);
      this.hurry = () => {
        clearTimeout(alarm);
        resolve();
      };
    });
  }

  private refused(error: Refused): void {
    this.ended();
    const { ordering, notice } = this.table;
    ordering.value = { ...ordering.value, asking: "no" };
    notice.value = { tone: "warn", words: error.message };
  }

  private slow(): void {
    const { ordering } = this.table;
    if (ordering.value.asking === "yes") ordering.value = { ...ordering.value, asking: "slow" };
  }

  private ended(): void {
    this.question = null;
    clearTimeout(this.slowAlarm);
    this.hurry();
  }

  private congratulate(reply: OrderReply): void {
    this.ended();
    this.table.orderPlaced();
    if (this.announced.has(reply.order_id)) return;
    this.announced.add(reply.order_id);
    this.placed.value = reply;
  }
}
