/** Doing one thing at a time in a sheet, saying what came of it, and cards that have to pay first. */
import { useSignal, type Signal } from "@preact/signals";
import { wordsFor, type Notice } from "./desk";
import { awaitedPayment } from "./stations/by_card";

export interface Acts {
  busy: boolean;
  said: Signal<Notice | null>;
  /** The card payment that has to come first. */
  card: Signal<string | null>;
  act: (what: () => Promise<string>) => Promise<void>;
}

export function useActs(onDone?: () => void): Acts {
  const busy = useSignal(false);
  const said = useSignal<Notice | null>(null);
  const card = useSignal<string | null>(null);
  const act = async (what: () => Promise<string>): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    said.value = null;
    try {
      said.value = { tone: "good", words: await what() };
    } catch (error) {
      card.value = awaitedPayment(error);
      if (card.value === null) said.value = { tone: "bad", words: wordsFor(error) };
    }
    busy.value = false;
    onDone?.();
  };
  return { busy: busy.value, said, card, act };
}
