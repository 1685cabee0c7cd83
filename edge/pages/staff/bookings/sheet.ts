/** What the sheets of bookings are given, and how a deposit may come. */
import type { BookingDay } from "@holdfast/protocol";
import type { Desk } from "../desk";
import type { House } from "../house";

export interface SheetProps {
  day: BookingDay;
  house: House;
  desk: Desk;
  onDone: () => void;
  onClose: () => void;
  /** A booking went to another day: show that one. */
  onMoved: (id: string, date: string) => void;
}

export type DepositWay = "CASH" | "CARD" | "BALANCE";
export const DEPOSIT_WAYS: readonly { value: DepositWay; words: string }[] = [
  { value: "CASH", words: "Cash" },
  { value: "CARD", words: "Card" },
  { value: "BALANCE", words: "Balance" },
];
