/** The installer's report and the tables' cards, as a PDF to look at or to print. Managers only. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Unreachable } from "@holdfast/pages";
import type { Desk } from "./desk";
import { Icon } from "./icons";

const PATH = "/api/v1/handover";
/** A box of many tables draws for a while. */
const PATIENCE_MS = 60_000;

export function HandoverButton({ desk }: { desk: Desk }): JSX.Element {
  const busy = useSignal(false);
  const open = async (): Promise<void> => {
    const asked = { headers: { Authorization: `Bearer ${desk.me.token}` }, signal: AbortSignal.timeout(PATIENCE_MS) };
    const answer = await fetch(PATH, asked).catch(() => Promise.reject(new Unreachable(PATH)));
    if (!answer.ok) throw new Error(`the box answered ${answer.status}`);
    const address = URL.createObjectURL(await answer.blob());
    const link = Object.assign(document.createElement("a"), { href: address, download: "handover.pdf" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  const press = (): void => {
    busy.value = true;
    void desk.attempt(open).finally(() => (busy.value = false));
  };
  return <button type="button" class="button" disabled={busy.value} onClick={press}><Icon name="print" />Table codes and report</button>;
}
