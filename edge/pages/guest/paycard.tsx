/**
 * Paying the bill by card on one's own phone: off to the provider's page and back.
 *
 *     resting --press--> opening --page--> (away) --back, or reload--> asking --> paid | open again (with a reason)
 *
 * No card is ever typed in here. The request is kept on the phone before it is sent, so whatever dies in between, the
 * same payment is found again. Counterpart: `edge/web/money/card_desk.py`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, uuid7, type Bill, type OnlinePayment } from "@holdfast/protocol";
import { ask, forget, keep, recall, Refused, useShownAgain } from "@holdfast/pages";
import type { Table } from "./table";

interface Kept {
  mid: string;
  amount_minor: number;
  payment_pid: string | null;
}

/** The provider is asked along the way. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = 3_000;

const placeOf = (session_pid: string): string => `paycard.${session_pid}`;

/** The address that the provider sends a guest back to names the payment; true once, on the way back. */
export function cameBack(): boolean {
  const here = new URL(location.href);
  if (!here.searchParams.has("paid")) return false;
  here.searchParams.delete("paid");
  history.replaceState(null, "", here);
  return true;
}

export function PayByCard({ bill, table }: { bill: Bill; table: Table }): JSX.Element | null {
  const me = table.me.value;
  const kept = useSignal<Kept | null>(me ? recall<Kept>(placeOf(me.session_pid)) : null);
  const state = useSignal<OnlinePayment | null>(null);
  const busy = useSignal(false);
  const words = useSignal("");
  const waits = kept.value?.payment_pid ?? null;
  useEffect(() => {
    if (!waits || !me) return;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const path = `/bill/pay/${waits}?session_pid=${encodeURIComponent(me.session_pid)}`;
        const { body } = await ask<OnlinePayment>("GET", path, { token: me.ws_token, timeout_ms: PATIENCE_MS });
        if (over) return;
        state.value = body;
        if (body.status === "COMPLETED" || body.status === "FAILED" || body.status === "REFUNDED") return release();
      } catch (error) {
        if (error instanceof Refused && error.code === "unknown_payment") return release();
      }
      if (!over) setTimeout(() => void look(), AGAIN_MS);
    };
    void look();
    return () => void (over = true);
  }, [waits]);
  useShownAgain(() => (busy.value = false));
  if (!me) return null;

  const release = (): void => {
    forget(placeOf(me.session_pid));
    kept.value = null;
  };
  const pay = async (): Promise<void> => {
    const again = kept.value;
    const asked = again ?? { mid: uuid7(), amount_minor: bill.due_minor, payment_pid: null };
    keep(placeOf(me.session_pid), asked);
    busy.value = true;
    words.value = "";
    try {
      const body = { session_pid: me.session_pid, mid: asked.mid, amount_minor: asked.amount_minor };
      const opened = (await ask<OnlinePayment>("POST", "/bill/pay", { token: me.ws_token, body, timeout_ms: PATIENCE_MS })).body;
      kept.value = { ...asked, payment_pid: opened.payment_pid };
      keep(placeOf(me.session_pid), kept.value);
      state.value = opened;
      if (opened.url) return location.assign(opened.url);
    } catch (error) {
      if (error instanceof Refused) release();
      words.value = error instanceof Refused ? error.message : "Nobody answers. Try again; you never pay twice.";
    }
    busy.value = false;
  };

  const found = state.value;
  const amount = formatMoney(kept.value?.amount_minor ?? bill.due_minor, bill.currency);
  if (found?.status === "COMPLETED") return <p class="paid-words" role="status">Your card paid {formatMoney(found.amount_minor, bill.currency)}.</p>;
  if (!kept.value && bill.due_minor === 0) return null;
  return (
    <div class="paycard">
      {found?.status === "PENDING" && found.reason && <p class="field-error" role="alert">{found.reason} You can try another card.</p>}
      {found?.status === "PENDING" && !found.reason && !busy.value && <p class="soft" role="status">Your card payment is not finished yet.</p>}
      {found?.status === "UNKNOWN" && <p class="soft" role="status">Nobody knows yet whether this was paid. It is being asked about; you never pay twice.</p>}
      {found?.status === "FAILED" && <p class="soft" role="status">The card payment was called off. Nothing was charged.</p>}
      {words.value && <p class="field-error" role="alert">{words.value}</p>}
      <button type="button" class="button go big wide" disabled={busy.value} onClick={() => void pay()}>
        {busy.value ? "Opening the payment page…" : kept.value ? `Go on paying ${amount} by card` : `Pay ${amount} by card`}
      </button>
    </div>
  );
}
