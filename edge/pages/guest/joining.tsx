/** Asks for a name, which is all that a guest needs to give. Behind it the menu can already be read. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Logo, Refused, Sheet } from "@holdfast/pages";
import { rememberedName } from "./membership";
import type { Table } from "./table";

export interface JoinProps {
  table: Table;
  onClose: () => void;
  onJoined: () => void;
}

export function JoinSheet({ table, onClose, onJoined }: JoinProps): JSX.Element {
  const name = useSignal(rememberedName());
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const venue = table.menu.value.menu.venue_name;

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await table.sitDown(name.value.trim());
      onJoined();
    } catch (error) {
      problem.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <Sheet label="Join the table" onClose={onClose} class="join">
      <form class="stack" onSubmit={submit}>
        <Logo />
        <h2>{table.closed.value ? "This table was closed" : `Welcome${venue ? ` to ${venue}` : ""}`}</h2>
        <p class="soft">
          {table.closed.value
            ? "Thank you for coming. To order again, join the table anew."
            : "One cart for the whole table. What shall the others call you?"}
        </p>
        <label class="field">
          <span>Your name</span>
          <input
            class="input" name="name" required maxLength={40} autocomplete="given-name" autocapitalize="words" enterkeyhint="go"
            autofocus value={name.value} onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value || name.value.trim() === ""}>
          {busy.value ? "Joining…" : "Join the table"}
        </button>
        <button type="button" class="button plain wide" onClick={onClose}>Just look at the menu</button>
      </form>
    </Sheet>
  );
}

function wordsFor(error: unknown): string {
  if (error instanceof Refused && error.code === "unknown_table") {
    return "This code belongs to no table here. Please scan the code on your table again.";
  }
  return error instanceof Refused ? error.message : "The box does not answer. Check that you are on the venue's Wi-Fi, then try again.";
}
