/** Asks for a name, and for the venue's pass word, which shows that the guest is really there. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { keep, Logo, recall, Refused, Sheet } from "@holdfast/pages";
import type { FarGuest } from "./guest";
import { joiningWords } from "./standing";

export function JoinSheet({ guest, onClose }: { guest: FarGuest; onClose: () => void }): JSX.Element {
  const name = useSignal(guest.seat.value?.wish.name ?? recall<string>("name") ?? "");
  const word = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(guest.turnedAway.value);
  const words = joiningWords(guest.place.value);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await guest.sitDown(name.value.trim(), word.value.trim());
      keep("name", name.value.trim());
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : "Nobody answers. Check your connection and try again.";
      busy.value = false;
    }
  };
  return (
    <Sheet label="Join the table" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Logo />
        <h2>{guest.place.value ? `${guest.place.value.table_name} at ${guest.place.value.venue_name}` : "Join the table"}</h2>
        <p class="soft">{words.about}</p>
        <label class="field">
          <span>Your name</span>
          <input class="input" name="name" required maxLength={40} autocomplete="given-name" autocapitalize="words" autofocus value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Today's pass word</span>
          <input class="input" name="word" maxLength={64} autocomplete="off" autocapitalize="none" spellcheck={false} value={word.value} onInput={(event) => (word.value = event.currentTarget.value)} />
          <small class="soft">{words.word}</small>
        </label>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value || name.value.trim() === ""}>{busy.value ? "One moment…" : words.button}</button>
      </form>
    </Sheet>
  );
}
