/**
 * One payment under way: asked for under one `mid` until the box has answered, also across a reload of the page.
 *
 *     resting --pay--> asking --answer--> paid | resting (with a reason)
 *                        `--nobody answers--> doubtful --answer--> …
 *
 * The request is kept on the tablet before it is sent and forgotten with its answer, so whatever dies in between, money
 * is taken once and the person is told. Counterpart: `edge/web/money/payment_desk.py`.
 */
import { batch, signal } from "@preact/signals";
import { uuid7, type Bill, type Paid, type StaffTable } from "@holdfast/protocol";
import { forget, keep, recall } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";

export type Means = "CASH" | "CARD" | "BALANCE";

export interface PaymentAsked {
  method: Means;
  amount_minor: number;
  tip_minor: number;
  tendered_minor: number | null;
  share: number | null;
  /** Whose balance pays, where one does. */
  user_id: string | null;
  print: boolean;
}

interface Kept {
  mid: string;
  asked: PaymentAsked;
}

export type Stage = "resting" | "asking" | "doubtful";

export class Paying {
  readonly stage = signal<Stage>("resting");
  /** What was asked for, while it is under way. */
  readonly asked = signal<PaymentAsked | null>(null);
  readonly paid = signal<Paid | null>(null);
  readonly problem = signal<string | null>(null);

  constructor(
    private readonly session_pid: string,
    private readonly desk: Desk,
    private readonly onBill: (bill: Bill | null) => void,
    private readonly onRefused: () => void,
  ) {
    const kept = recall<Kept>(this.name());
    if (kept) void this.ask(kept);
  }

  private name(): string {
    return `paying.${this.session_pid}`;
  }

  pay(asked: PaymentAsked): void {
    if (this.stage.value !== "resting") return;
    const kept = { mid: uuid7(), asked };
    keep(this.name(), kept);
    void this.ask(kept);
  }

  private async ask({ mid, asked }: Kept): Promise<void> {
    batch(() => {
      this.stage.value = "asking";
      this.asked.value = asked;
      this.problem.value = null;
    });
    const onDoubt = (): void => void (this.stage.value = "doubtful");
    try {
      const path = `/api/v1/bills/${this.session_pid}/payments`;
      const paid = await this.desk.insist<Paid>(path, asked, { mid, patience_ms: Infinity, onDoubt });
      this.paid.value = paid;
      this.onBill(paid.bill);
    } catch (error) {
      this.problem.value = wordsFor(error);
      this.onRefused();
    }
    forget(this.name());
    batch(() => {
      this.stage.value = "resting";
      this.asked.value = null;
    });
  }
}

export interface PayProps {
  bill: Bill;
  table: StaffTable | null;
  desk: Desk;
  paying: Paying;
  onBill: (bill: Bill | null) => void;
}
