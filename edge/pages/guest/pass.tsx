/** Asks for the venue's pass word, once per table; what the guest had tapped is replayed when it is right. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { count, Refused, Sheet } from "@holdfast/pages";
import type { Table } from "./table";

export function PassSheet({ table }: { table: Table }): JSX.Element {
  const word = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await table.givePassWord(word.value);
    } catch (error) {
      problem.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <Sheet label="Pass word" onClose={() => table.passDeclined()}>
      <form class="stack" onSubmit={submit}>
        <h2>Today's pass word</h2>
        <p class="soft">It shows that you are really here. You find it on the counter, or ask the staff.</p>
        <label class="field">
          <span>Pass word</span>
          <input
            class="input" name="word" required maxLength={100} autofocus autocomplete="off" autocapitalize="none" spellcheck={false}
            enterkeyhint="go" value={word.value} onInput={(event) => (word.value = event.currentTarget.value)}
          />
        </label>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value || word.value.trim() === ""}>
          {busy.value ? "Checking…" : "Continue"}
        </button>
      </form>
    </Sheet>
  );
}

function wordsFor(error: unknown): string {
  if (!(error instanceof Refused)) return "The box does not answer. Please try again.";
  return error.retry_after_s ? `Too many tries. Please wait ${count(error.retry_after_s, "second")}.` : error.message;
}
