/** Time that waits for a card: paid on the guest's own phone, or at the venue's terminal; then the box begins it by itself. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type Payment, type StoredCards } from "@holdfast/protocol";
import { LastWord, Refused, Sheet, useLastWord, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import type { House } from "../house";
import { StoreSheet } from "../stored/store";
import { OnlineSheet } from "../table/online";

const OPEN: ReadonlySet<string> = new Set(["INITIATED", "PENDING", "UNKNOWN"]);

/** The payment that the box asks for, where it said that a card has to pay first (seed 003 §6). */
export function awaitedPayment(error: unknown): string | null {
  const awaits = error instanceof Refused && error.code === "payment_required";
  const named = awaits ? error.beside["payment_id"] : null;
  return typeof named === "string" ? named : null;
}

const AGAIN_MS = 3_000;

interface ByCardProps {
  payment_id: string;
  house: House;
  desk: Desk;
  onClose: () => void;
}

export function ByCard({ payment_id, house, desk, onClose }: ByCardProps): JSX.Element {
  const payment = useSignal<Payment | null>(null);
  const rules = useSignal<StoredCards | null>(null);
  const way = useSignal<"phone" | "stored" | null>(null);
  const problem = useSignal("");
  const busy = useSignal(false);
  /** It came when the seat had been given up: no time counts, and the money is owed back. */
  const late = useSignal(false);
  const question = async (): Promise<Payment> => {
    const found = await desk.get<Payment>(`/api/v1/payments/${payment_id}`);
    if (!OPEN.has(found.status) && found.status !== "FAILED") {
      const said = await desk.send<{ status: string }>(`/api/v1/payments/${payment_id}/confirm`, {});
      late.value = said.status === "REFUND_OWED";
    }
    return found;
  };
  const word = useLastWord(() => new LastWord(question, (found) => {
    payment.value = found;
    problem.value = "";
  }, (error) => (problem.value = wordsFor(error)), AGAIN_MS), [payment_id]);
  const look = (): Promise<void> => word.ask();
  useEffect(() => {
    void look();
    desk.get<StoredCards>("/api/v1/stored_cards").then((found) => void (rules.value = found), () => void (rules.value = null));
  }, [payment_id]);
  const progress = async (state: "COMPLETED" | "FAILED"): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await desk.send(`/api/v1/payments/${payment_id}/progress`, { state });
      await look();
    } catch (error) {
      if (error instanceof Refused && error.code === "payment_online") way.value = "phone";
      else problem.value = wordsFor(error);
    }
    busy.value = false;
  };
  if (way.value === "phone") return <OnlineSheet payment_pid={payment_id} desk={desk} onEnd={() => void look()} onClose={onClose} />;
  const found = payment.value;
  const stores = rules.value?.allowed && rules.value.cut_off_s !== null ? rules.value : null;
  if (way.value === "stored" && stores && found) return <StoreSheet payment={found} rules={stores} desk={desk} onDone={() => { way.value = null; void look(); }} onClose={() => (way.value = null)} />;
  const online = house.link.value !== null && house.link.value.link !== "down";
  return (
    <Sheet label="Pay by card" onClose={onClose}>
      <div class="stack">
        {!found && !problem.value && <Waiting words="Asking the box…" />}
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        {found && OPEN.has(found.status) && (
          <>
            <p class="store-sum"><strong class="number">{formatMoney(found.amount_minor, found.currency)}</strong><span class="soft">by card, then time begins by itself</span></p>
            <button type="button" class="button go big wide" disabled={!online || busy.value} onClick={() => (way.value = "phone")}>On the guest's phone</button>
            {!online && <p class="soft">Paying on the phone needs the internet, and there is none now.</p>}
            <p class="soft">Or at the venue's terminal. What does it say?</p>
            <div class="station-acts">
              <button type="button" class="button" disabled={busy.value} onClick={() => void progress("COMPLETED")}>Paid</button>
              <button type="button" class="button danger" disabled={busy.value} onClick={() => void progress("FAILED")}>Refused</button>
            </div>
            {stores && <button type="button" class="button wide" onClick={() => (way.value = "stored")}>Stored on the terminal</button>}
          </>
        )}
        {(found?.status === "COMPLETED" || found?.status === "REFUNDED") && <div class="stack paid"><p class="paid-amount number">{formatMoney(found.amount_minor, found.currency)}</p><p role="status">{paidWords(found, late.value)}</p></div>}
        {found?.status === "FAILED" && <p role="status">Not paid. Nothing was charged, and no time was given.</p>}
      </div>
    </Sheet>
  );
}

function paidWords(payment: Payment, late: boolean): string {
  if (!late) return payment.status === "REFUNDED" ? "Paid, and given back." : "Paid. The time counts.";
  const tooLate = "It came too late: nobody waited for it any more, so no time was given.";
  return payment.status === "REFUNDED" ? `${tooLate} The money has gone back.` : `${tooLate} Give it back on the terminal, and say so under Approvals.`;
}
