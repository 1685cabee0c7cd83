/** A guest asks what is on their balance: looked up here, and shown on the guest's own phone by a code that works once. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { StatementCode } from "@holdfast/protocol";
import { Refused, Sheet } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import { WhoseBalance } from "../table/balance";

export function Balances({ desk }: { desk: Desk }): JSX.Element {
  const user = useSignal("");
  /** With the name that it was asked for: somebody may have typed on. */
  const given = useSignal<{ user: string; code: StatementCode } | null>(null);
  const problem = useSignal("");
  const busy = useSignal(false);
  const show = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = user.value.trim();
    problem.value = name ? "" : "Say whose balance it is.";
    if (!name || busy.value) return;
    busy.value = true;
    try {
      given.value = { user: name, code: await desk.send<StatementCode>(`/api/v1/accounts/${encodeURIComponent(name)}/statement_code`, {}) };
    } catch (error) {
      problem.value = error instanceof Refused ? error.message : wordsFor(error);
    }
    busy.value = false;
  };
  return (
    <section class="card" aria-label="Balances">
      <h2>A guest's balance</h2>
      <form class="stack" onSubmit={(event) => void show(event)}>
        <WhoseBalance user={user} desk={desk} owed_minor={0} />
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button" disabled={busy.value}>Show it on the guest's phone</button>
      </form>
      {given.value && <CodeSheet {...given.value} onClose={() => (given.value = null)} />}
    </section>
  );
}

function CodeSheet({ code, user, onClose }: { code: StatementCode; user: string; onClose: () => void }): JSX.Element {
  return (
    <Sheet label="Balance on the phone" onClose={onClose}>
      <div class="stack paid">
        <h2>{user}</h2>
        {code.code_image && <img class="pay-code" src={code.code_image} alt="Code of the balance's page" />}
        <p>The guest scans this on the venue's Wi-Fi. It opens this balance on that phone, works once and for {code.minutes} minutes, with no internet, too.</p>
        <p class="soft">Or they open <strong>/balance</strong> here and type <strong class="number">{code.code}</strong></p>
      </div>
    </Sheet>
  );
}
