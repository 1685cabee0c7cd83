/**
 * One pay-in under way, asked for under one `mid` until the box has answered, also across a reload of the page: money is
 * taken once, and whoever stands there is told. Counterparts: `edge/pages/staff/table/once.ts`, `edge/web/money/paying_in_desk.py`.
 */
import type { PaidIn } from "@holdfast/protocol";
import type { Desk } from "../desk";
import { Once } from "../table/once";

export interface PayInAsked {
  user_id: string;
  amount_minor: number;
  method: "CASH" | "CARD";
  tendered_minor: number | null;
  currency: string;
}

export class PayingIn extends Once<PayInAsked, PaidIn> {
  constructor(desk: Desk) {
    super("paying-in", desk, ({ user_id, ...body }) => [`/api/v1/accounts/${encodeURIComponent(user_id)}/payments`, body]);
  }

  /** Whoever stands there has seen it. */
  done(): void {
    this.paid.value = this.problem.value = null;
  }
}
