/**
 * A balance that is not enough while the cloud cannot be reached: what the venue would stand in for, before it does.
 *
 * The box names the amounts with its refusal and lends nothing until it is asked once more, with `on_credit`.
 * Counterpart: `edge/core/play/payment.py`.
 */
import type { JSX } from "preact";
import { useSignal, type Signal } from "@preact/signals";
import { formatMoney } from "@holdfast/protocol";
import { Refused } from "@holdfast/pages";
import type { ActProps } from "./acting";
import { warningOf, type Warning } from "./in_the_way";

export interface Offer {
  balance_minor: number;
  short_minor: number;
  left_minor: number;
  agree: () => void;
}

/** What the box would lend, if that is why it said no. */
export function offerOf(error: unknown, agree: () => void): Offer | null {
  if (!(error instanceof Refused) || error.code !== "insufficient_balance") return null;
  const { balance_minor, short_minor, credit_left_minor: left_minor } = error.beside;
  if (typeof balance_minor !== "number" || typeof short_minor !== "number" || typeof left_minor !== "number") return null;
  return { balance_minor, short_minor, left_minor, agree };
}

export interface Selling {
  offer: Signal<Offer | null>;
  /** The booking that is in the way of what was asked for last. */
  warning: Signal<Warning | null>;
  sell: (body: object, words: string) => void;
}

/** `sell(body, words)`: asks the box, and keeps what it would lend, or warns of, where it says no. */
export function useLending(act: ActProps["act"], ask: (body: object) => Promise<unknown>): Selling {
  const offer = useSignal<Offer | null>(null);
  const warning = useSignal<Warning | null>(null);
  const sell = (body: object, words: string): void => void act(async () => {
    offer.value = null;
    warning.value = null;
    try {
      await ask(body);
      return words;
    } catch (error) {
      offer.value = offerOf(error, () => sell({ ...body, on_credit: true }, `${words} The venue stands in.`));
      warning.value = warningOf(error, () => sell({ ...body, despite_booking: true }, words));
      throw error;
    }
  });
  return { offer, warning, sell };
}

export function Lending({ offer, currency, busy }: { offer: Signal<Offer | null>; currency: string; busy: boolean }): JSX.Element | null {
  const found = offer.value;
  if (!found) return null;
  const money = (minor: number): string => formatMoney(minor, currency);
  return (
    <section class="lending stack" aria-label="On the venue's credit">
      <p>
        The balance here is {money(found.balance_minor)}, and the guest's wallet cannot be asked without the internet.
        The venue can stand in for <strong class="number">{money(found.short_minor)}</strong>; it is collected when the
        internet is back. <span class="soft">{money(found.left_minor)} of the owner's limit are left.</span>
      </p>
      <div class="station-acts">
        <button type="button" class="button go" disabled={busy} onClick={found.agree}>Stand in for {money(found.short_minor)}</button>
        <button type="button" class="button" disabled={busy} onClick={() => (offer.value = null)}>No</button>
      </div>
    </section>
  );
}
