/**
 * Asking for the order until there is an answer.
 *
 * One press is one `mid` and one body. They are repeated unchanged while nobody answers, so a lost answer can never make
 * two orders; only an answer, yes or no, ends them. The box itself asks a till that says no three more times, after 2, 4
 * and 8 seconds (seed 002 §7.2). Where it could not do so, it tells the phone that asked when to try again, which that
 * phone does unless somebody touches the cart meanwhile.
 */
import { signal } from "@preact/signals";
import type { CartSnapshot, OrderReply, TableMessage } from "@holdfast/protocol";
import { cartHash, uuid7 } from "@holdfast/protocol";
import { ask, Refused } from "@holdfast/pages";
import type { Ordering } from "./ordering";
import type { Table } from "./table";
import { whereabouts, type Gps } from "@holdfast/pages/whereabouts";

const PATIENCE_MS = 10_000;
/** The box answers within ten seconds, even if only that it carries on. */
const ANSWER_MS = 12_000;
const ASK_AGAIN_MS = 2_000;

interface Question {
  session_pid: string;
  cart_hash: string;
  special_instructions: string;
  mid: string;
  gps?: Gps;
}

export class Asking {
  /** The order to congratulate on, until the guest has seen it. */
  readonly placed = signal<OrderReply | null>(null);
  /** Fetches what the box has of the table; set by whoever can. */
  lookAgain: () => void = () => {};
  private question: Question | null = null;
  private preparing = false;
  /** This phone pressed the button for the order under way. */
  private mine = false;
  private hurry: () => void = () => {};
  private slowAlarm: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly announced = new Set<string>();

  constructor(private readonly table: Table) {}

  /** The button. Pressed again while unanswered, it asks the same question at once. */
  async press(special_instructions: string): Promise<void> {
    const { ordering } = this.table;
    if (ordering.value.asking === "yes") return;
    this.mine = true;
    clearTimeout(this.again);
    clearTimeout(this.slowAlarm);
    this.slowAlarm = setTimeout(() => this.slow(), PATIENCE_MS);
    ordering.value = { ...ordering.value, asking: "yes" };
    if (this.preparing) return;
    if (this.question) return this.hurry();
    this.preparing = true;
    const question = await this.questionAbout(special_instructions);
    this.preparing = false;
    this.question = question;
    while (question && this.question === question) await this.askOnce(question);
  }

  /** What everyone at the table is told, before the table's own state follows it. */
  heard(message: TableMessage, special_instructions: string): void {
    if (message.type === "cart_update") this.cartTouched();
    if (message.type === "order_confirmed") this.congratulate({ order_id: message.order_id, ticket: message.ticket });
    if (message.type !== "order_failed") return;
    const mine = this.mine;
    this.ended();
    this.mine = false;
    if (!mine || message.retry_after_s === null) return;
    this.again = setTimeout(() => void this.press(special_instructions), message.retry_after_s * 1_000);
  }

  /** The order was confirmed while this phone heard nothing. */
  caughtUp(before: Ordering, snapshot: CartSnapshot): void {
    const order = snapshot.orders.find((each) => each.order_id === before.order_id);
    if (before.stage === "processing" && order?.ticket) this.announce({ order_id: order.order_id, ticket: order.ticket });
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

  private async questionAbout(special_instructions: string): Promise<Question | null> {
    const gps = await whereabouts(this.table.locationPolicy.value);
    await this.settled();
    const me = this.table.me.value;
    if (!me) return null;
    const cart_hash = cartHash(this.table.cart.value.items.values());
    const question = { session_pid: me.session_pid, cart_hash, special_instructions, mid: uuid7() };
    return gps ? { ...question, gps } : question;
  }

  private async askOnce(question: Question): Promise<void> {
    const token = this.table.me.value?.ws_token ?? null;
    try {
      const { body } = await ask<OrderReply>("POST", "/orders", { body: question, token, timeout_ms: ANSWER_MS });
      if (body.status !== "processing") return this.congratulate(body);
      const { ordering } = this.table;
      if (this.question === question) ordering.value = { ...ordering.value, stage: "processing", order_id: body.order_id };
    } catch (error) {
      if (error instanceof Refused && this.question === question) return this.refused(error);
    }
    if (this.question === question) await this.pause();
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
    // Why an order failed is told to the whole table; that message decides whether it is tried again.
    if (error.code === "order_failed") return;
    this.mine = false;
    notice.value = { tone: "warn", words: error.message };
    // A price lapses by time alone, so nobody has told this phone which lines want a look.
    if (error.code === "price_lapsed" || error.code === "recalled") this.lookAgain();
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
    this.mine = false;
    this.table.orderPlaced();
    this.announce(reply);
  }

  private announce(reply: OrderReply): void {
    if (this.announced.has(reply.order_id)) return;
    this.announced.add(reply.order_id);
    this.placed.value = reply;
  }
}
