/**
 * Replacing a venue's box: a button, a question in plain words, and the code for the new box.
 *
 * Nothing happens to the box at work until a new one is claimed with the code. Counterpart: `cloud/owners/venues/replacing.py`.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ReplacementCode } from "@holdfast/protocol";
import { Refused } from "@holdfast/pages";
import type { Fleet } from "./fleet";
import type { Venue } from "./figures";

type Step = "resting" | "asking" | "waiting" | ReplacementCode | Error;

export function Replace({ fleet, venue }: { fleet: Fleet; venue: Venue }): JSX.Element {
  const [step, setStep] = useState<Step>("resting");
  const ask = (): void => {
    setStep("waiting");
    fleet.replace(venue).then(setStep, (error: unknown) => setStep(error instanceof Error ? error : new Error(String(error))));
  };
  if (step === "resting") {
    return <button type="button" class="button" onClick={() => setStep("asking")}>Replace this box…</button>;
  }
  return (
    <section class="replace" aria-label="Replace the box">
      <h2>Replace the box</h2>
      {step === "asking" || step === "waiting" ? <Question busy={step === "waiting"} yes={ask} no={() => setStep("resting")} /> : null}
      {step instanceof Error && <p role="alert">{step instanceof Refused ? step.message : "The cloud does not answer. Please try again."}</p>}
      {typeof step === "object" && !(step instanceof Error) && <Code given={step} />}
      {typeof step === "object" && <button type="button" class="button" onClick={() => setStep("resting")}>Done</button>}
    </section>
  );
}

function Question({ busy, yes, no }: { busy: boolean; yes: () => void; no: () => void }): JSX.Element {
  return (
    <>
      <p>A new box gets everything the cloud holds of this venue and goes on from there. The present box keeps serving until the new one is claimed; then it stops selling for good.</p>
      <p>Whatever it has not sent by then still counts when it comes online again, but carts and play sessions stay with the new box.</p>
      <div class="replace-answers">
        <button type="button" class="button go" disabled={busy} onClick={yes}>Yes, give me a code</button>
        <button type="button" class="button" disabled={busy} onClick={no}>Keep the present box</button>
      </div>
    </>
  );
}

function Code({ given }: { given: ReplacementCode }): JSX.Element {
  return (
    <>
      <p>On the new box, within {given.hours} hours:</p>
      <p class="replace-code number">{given.code}</p>
      <p class="soft"><code>holdfast-edge claim --cloud {location.origin} --code {given.code}</code></p>
    </>
  );
}
