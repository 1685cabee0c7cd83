/** Whoever opens the link of a mail: one press lets this browser in, so that a mail reader that looks ahead spends nothing. */
import type { JSX } from "preact";
import { useAct } from "./asked";
import { go, type Counter } from "./counter";

export function LetIn({ counter, token }: { counter: Counter; token: string }): JSX.Element {
  const act = useAct();
  const enter = (): void =>
    act.run(async () => {
      await counter.redeem(token);
      history.replaceState(null, "", "#history");
      go("history");
      counter.place.value = ["history"];
    });
  return (
    <>
      <h1>Your orders</h1>
      <section class="panel" aria-label="Let this browser in">
        <p>Show the orders of your address in this browser? It stays so for thirty days.</p>
        {act.problem && <p class="field-error" role="alert">{act.problem} <a href="#history">Ask for another link</a></p>}
        <button type="button" class="button go wide" disabled={act.busy} onClick={enter}>Show my orders</button>
      </section>
    </>
  );
}
