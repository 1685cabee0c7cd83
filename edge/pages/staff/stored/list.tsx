/** At the till: cards that the terminal has stored, until somebody says whether each was sent or declined. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { formatMoney, type StoredCard, type StoredCards, type StoredSettled } from "@holdfast/protocol";
import { clockTime, LastWord, Sheet, useLastWord, Waiting } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import type { House } from "../house";
import { go } from "../route";
import { Choices } from "../sheets";

const OVER: Readonly<Record<string, string>> = { payment: "more than one card may be", total: "more than all may be", time: "too late in the outage" };
const DECLINED = ["No money", "Card blocked", "Card expired"];

/** The box tells of what changed, not that it answers again. */
const AGAIN_MS = 3_000;

export function StoredList({ house, desk }: { house: House; desk: Desk }): JSX.Element | null {
  const found = useSignal<StoredCards | null>(null);
  const problem = useSignal("");
  const declining = useSignal<StoredCard | null>(null);
  const busy = useSignal(false);
  const { unsent_cards } = house.afar.value;
  const take = (cards: StoredCards): void => {
    found.value = cards;
    problem.value = "";
  };
  const word = useLastWord(() => new LastWord(() => desk.get<StoredCards>("/api/v1/stored_cards"), take, (error) => (problem.value = wordsFor(error)), AGAIN_MS), []);
  useEffect(() => {
    if (unsent_cards > 0) void word.ask();
  }, [unsent_cards]);
  if (unsent_cards === 0) return null;
  const settle = (card: StoredCard, sent: boolean, reason = ""): Promise<StoredSettled> =>
    desk.send<StoredSettled>(`/api/v1/stored_cards/${card.payment_pid}`, { sent, reason });
  const sent = async (cards: readonly StoredCard[]): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    await desk.attempt(async () => {
      for (const card of cards) await settle(card, true);
    });
    await word.ask();
    busy.value = false;
  };
  const cards = found.value?.cards ?? [];
  const currency = found.value?.currency ?? "EUR";
  return (
    <section class="card" aria-label="Stored cards">
      <header class="stored-head">
        <h2>Stored cards <span class="soft number">{formatMoney(found.value?.unsent_minor ?? 0, currency)}</span></h2>
        {cards.length > 1 && <button type="button" class="button" disabled={busy.value} onClick={() => void sent(cards)}>All were sent</button>}
      </header>
      <p class="soft">Once the terminal is online again it says which of these went through.</p>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      {!found.value && !problem.value && <Waiting words="Asking the box…" />}
      <ul>{cards.map((card) => (
        <li key={card.payment_pid} class="stored">
          <span>{card.place || "Without a bill"} <span class="soft">{clockTime(card.stored_ms)}{card.stored_by && `, ${card.stored_by.replace(/^staff:/, "")}`}</span></span>
          <strong class="number">{formatMoney(card.amount_minor, currency)}</strong>
          {card.over.length > 0 && <span class="soft">{card.over.map((each) => OVER[each] ?? each).join(", ")}; {card.approved_by}: {card.reason}</span>}
          <span class="stored-acts">
            <button type="button" class="button go" disabled={busy.value} onClick={() => void sent([card])}>Sent</button>
            <button type="button" class="button danger" disabled={busy.value} onClick={() => (declining.value = card)}>Declined</button>
          </span>
        </li>
      ))}</ul>
      {declining.value && <DeclineSheet card={declining.value} currency={currency} onClose={() => (declining.value = null)} onDo={async (reason) => {
        const { session_pid } = await settle(declining.value!, false, reason);
        desk.say("Taken off. The bill is owed again.", "warn");
        if (session_pid) go("till", "bill", session_pid);
      }} />}
    </section>
  );
}

interface DeclineProps {
  card: StoredCard;
  currency: string;
  /** Raises what the box refuses with. */
  onDo: (reason: string) => Promise<void>;
  onClose: () => void;
}

function DeclineSheet({ card, currency, onDo, onClose }: DeclineProps): JSX.Element {
  const reason = useSignal(DECLINED[0]!);
  const problem = useSignal("");
  const busy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    try {
      await onDo(reason.value.trim());
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <Sheet label="The card was declined" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <h2>The card was declined</h2>
        <p class="soft">{formatMoney(card.amount_minor, currency)} will not come. The bill{card.place && ` of ${card.place}`} is owed again; nothing leaves the drawer.</p>
        <div class="field">
          <span>What does the terminal say?</span>
          <Choices label="Reasons" value={reason.value} choices={DECLINED.map((value) => ({ value, words: value }))} onChoose={(next) => (reason.value = next)} />
          <input class="input" aria-label="Reason" maxLength={200} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </div>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button danger wide" disabled={busy.value || reason.value.trim() === ""}>Take it off</button>
      </form>
    </Sheet>
  );
}
