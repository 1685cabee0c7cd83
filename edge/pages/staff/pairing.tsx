/** A box without a cloud: the code that takes it into a venue of the owner's. Managers only; never shown to guests. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Pairing } from "@holdfast/protocol";
import { LastWord, useLastWord, Waiting } from "@holdfast/pages";
import type { Desk } from "./desk";

const AGAIN_MS = 2_000;
const PATH = "/api/v1/pairing";

export function PairingPanel({ desk }: { desk: Desk }): JSX.Element {
  const pairing = useSignal<Pairing | null>(null);
  const cloud = useSignal<string | null>(null);
  const busy = useSignal(false);
  const take = (found: Pairing): void => void (pairing.value = found);
  const word = useLastWord(() => new LastWord(() => desk.get<Pairing>(PATH), take), []);
  useEffect(() => {
    void word.ask();
    const timer = setInterval(() => void word.ask(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const press = (work: () => Promise<Pairing>): void => {
    busy.value = true;
    void desk.attempt(() => word.after(work, take)).finally(() => (busy.value = false));
  };
  const found = pairing.value;
  if (found === null) return <Waiting words="Asking the box…" />;
  const begin = (event: Event): void => {
    event.preventDefault();
    press(() => desk.send<Pairing>(PATH, { cloud_url: cloud.value ?? found.cloud_url }));
  };
  return (
    <>
      {found.state === "off" && (
        <form class="pairing-form" onSubmit={begin}>
          <p>This box serves by itself. Paired, everything it sold goes up to the owner's dashboard, and menus come down from there.</p>
          <label class="field"><span>The cloud's address</span><input class="input" type="url" required placeholder="https://cloud.example" value={cloud.value ?? found.cloud_url} onInput={(event) => (cloud.value = event.currentTarget.value)} /></label>
          <button type="submit" class="button go" disabled={busy.value}>Show a code</button>
        </form>
      )}
      {found.state === "asking" && <p role="status">Asking {found.cloud_url} for a code…</p>}
      {found.state === "showing" && <Showing found={found} />}
      {found.state === "done" && <p role="status"><strong>{found.venue_name}</strong> has taken this box in. The page goes on by itself.</p>}
      {found.trouble && <p class="field-error" role="alert">{found.trouble}</p>}
      {(found.state === "asking" || found.state === "showing") && <button type="button" class="button" disabled={busy.value} onClick={() => press(() => desk.drop<Pairing>(PATH))}>Do not pair</button>}
    </>
  );
}

function Showing({ found }: { found: Pairing }): JSX.Element {
  return (
    <>
      <p>Type this into the dashboard, under <strong>{found.verification_uri}</strong>:</p>
      <p class="pairing-code number">{found.user_code}</p>
      <p class="soft">{found.expires_s > 0 ? `Good for ${Math.ceil(found.expires_s / 60)} more minutes, once.` : "It has run out; another one comes as soon as the cloud answers."} The dashboard shows this box as <strong class="number">{found.fingerprint}</strong>.</p>
    </>
  );
}
