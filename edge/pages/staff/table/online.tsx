/** A card payment that a guest makes on their own phone: a code to scan, and how it goes. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type OnlinePayment } from "@holdfast/protocol";
import { LastWord, Sheet, useLastWord, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";

const AGAIN_MS = 2_500;
/** The provider is asked along the way. */
const PATIENCE_MS = 20_000;

const UNDER_WAY: ReadonlySet<string> = new Set(["INITIATED", "PENDING", "UNKNOWN"]);

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
  const take = (payment: OnlinePayment): void => {
    found.value = payment;
    words.value = "";
  };
  const word = useLastWord(() => new LastWord(() => desk.get<OnlinePayment>(path), take, (error) => (words.value = wordsFor(error))), [payment_pid]);
  useEffect(() => {
    let over = false;
    const follow = async (): Promise<void> => {
      try {
        await word.after(() => desk.send<OnlinePayment>(path, {}, "POST", PATIENCE_MS), take);
      } catch (error) {
        words.value = wordsFor(error);
        return onEnd();
      }
      while (!over && UNDER_WAY.has(found.peek()?.status ?? "PENDING")) {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        if (!over) await word.ask();
      }
      if (!over) onEnd();
    };
    void follow();
    return () => void (over = true);
  }, [word]);
  const callOff = (): Promise<boolean> => desk.attempt(async () => {
    await word.after(() => desk.drop<OnlinePayment>(path), take);
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
