/** A card payment that a guest makes on their own phone: a code to scan, and how it goes. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type OnlinePayment } from "@holdfast/protocol";
import { Sheet, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";

const AGAIN_MS = 2_500;
/** The provider is asked along the way. */
const PATIENCE_MS = 20_000;

interface OnlineProps {
  payment_pid: string;
  desk: Desk;
  /** It has come to its end, well or not. */
  onEnd: () => void;
  onClose: () => void;
}

export function OnlineSheet({ payment_pid, desk, onEnd, onClose }: OnlineProps): JSX.Element {
  const found = useSignal<OnlinePayment | null>(null);
  const words = useSignal("");
  const path = `/api/v1/payments/${payment_pid}/online`;
  useEffect(() => {
    let over = false;
    const look = async (first: boolean): Promise<void> => {
      try {
        found.value = first ? await desk.send<OnlinePayment>(path, {}, "POST", PATIENCE_MS) : await desk.get<OnlinePayment>(path);
        words.value = "";
      } catch (error) {
        words.value = wordsFor(error);
        if (first) return onEnd();
      }
      if (over) return;
      if (found.value && !["INITIATED", "PENDING", "UNKNOWN"].includes(found.value.status)) return onEnd();
      setTimeout(() => void look(false), AGAIN_MS);
    };
    void look(true);
    return () => void (over = true);
  }, [payment_pid]);
  const callOff = (): Promise<boolean> => desk.attempt(async () => {
    found.value = await desk.drop<OnlinePayment>(path);
    onEnd();
  });
  return (
    <Sheet label="Pay on the phone" onClose={onClose}>
      <div class="stack paid">
        {!found.value && !words.value && <Waiting words="Opening the payment page…" />}
        {words.value && <p class="field-error" role="alert">{words.value}</p>}
        {found.value && <Shown payment={found.value} onCallOff={() => void callOff()} />}
      </div>
    </Sheet>
  );
}

function Shown({ payment, onCallOff }: { payment: OnlinePayment; onCallOff: () => void }): JSX.Element {
  const amount = formatMoney(payment.amount_minor + payment.tip_minor, payment.currency);
  if (payment.status === "COMPLETED") return <><p class="paid-amount number">{amount}</p><p role="status">Paid by card.</p></>;
  if (payment.status === "REFUNDED") return <><p class="paid-amount number">{amount}</p><p role="status">It was paid by card, and goes back to the card by itself.</p></>;
  if (payment.status === "FAILED") return <p role="status">Called off. Nothing was charged.</p>;
  return (
    <>
      <h2>{amount}</h2>
      {payment.code_image && <img class="pay-code" src={payment.code_image} alt="Code of the payment page" />}
      <p>The guest scans this with the phone's camera and pays there.</p>
      {payment.reason && <p class="field-error" role="alert">{payment.reason} Another card may do.</p>}
      <button type="button" class="button danger wide" onClick={onCallOff}>Call it off</button>
    </>
  );
}
