/** One payment of a bill under way. Counterparts: `once.ts`, which asks; `edge/web/money/payment_desk.py`. */
import type { Bill, Paid, StaffTable } from "@holdfast/protocol";
import type { Desk } from "../desk";
import { Once } from "./once";

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

export class Paying extends Once<PaymentAsked, Paid> {
  constructor(session_pid: string, desk: Desk, onBill: (bill: Bill | null) => void, onRefused: () => void) {
    super(`paying.${session_pid}`, desk, (asked) => [`/api/v1/bills/${session_pid}/payments`, asked], (paid) => onBill(paid.bill), onRefused);
  }
}

export interface PayProps {
  bill: Bill;
  table: StaffTable | null;
  desk: Desk;
  paying: Paying;
  onBill: (bill: Bill | null) => void;
}
