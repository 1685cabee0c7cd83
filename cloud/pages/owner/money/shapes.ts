/** Money as the cloud tells it. Written by hand; counterparts: `cloud/owners/money/desk.py`, `cloud/owners/money/wallets.py`. */
export interface Balance { account: string; venue_id: string | null; venue: string | null; currency: string; amount_minor: number }
export interface Difference { kind: string; payment_id: string; venue: string | null; amount_minor: number; currency: string; words: string; received_minor: number | null; received_currency: string | null }
export interface CardRefund {
  refund_id: string; payment_id: string; venue: string | null; amount_minor: number; currency: string;
  reason: string; by: string; role: string; status: string; failure: string; requested_ms: number;
}
export interface Payout {
  payout_id: string; currency: string; amount_minor: number; gross_minor: number; fee_minor: number;
  payments: number; refunds: number; status: string; arrives_ms: number;
}
export interface Money { cards: boolean; balances: Balance[]; differences: Difference[]; payouts: Payout[]; refunds: CardRefund[] }
export interface CardPayment {
  payment_id: string; venue: string | null; purpose: string; subject: string; amount_minor: number; came_minor: number; refunded_minor: number;
  fee_minor: number | null; currency: string; status: string; reference: string | null; failure: string; trouble: string;
  initiated_ms: number; completed_ms: number | null;
}
export interface CardPayments { payments: CardPayment[]; next: number | null }
export interface Wallet { wallet_id: string; name: string; currency: string; free_minor: number; granted_minor: number; email: string | null }
export interface StatementRow {
  number: number; at_ms: number; kind: string; venue: string | null; free_minor: number; granted_minor: number; balance_minor: number;
}
export interface Statement { name: string; currency: string; rows: StatementRow[]; next: number | null }
