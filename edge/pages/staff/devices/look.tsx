/** Looking at an address: for routers, and for what is too quiet to be heard. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { FoundDevice } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { wordsFor } from "../desk";
import { go } from "../route";
import { Choices } from "../sheets";
import { Text, type DeviceSheetProps } from "./adopt";

type Kind = FoundDevice["kind"];

/** A router is asked in four ways, each of which may stay without an answer. */
const ASK_MS = 30_000;

const KINDS: readonly { value: Kind; words: string }[] = [
  { value: "router", words: "Router" },
  { value: "printer", words: "Printer" },
  { value: "plug", words: "Plug" },
];

export function LookSheet({ desk, onClose, onChanged }: DeviceSheetProps): JSX.Element {
  const kind = useSignal<Kind>("router");
  const address = useSignal("");
  const user = useSignal("admin");
  const password = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      const body = { kind: kind.value, address: address.value.trim(), user: user.value, password: password.value };
      const found = await desk.send<FoundDevice>("/api/v1/devices/look", body, "POST", ASK_MS);
      onChanged();
      go("stations", "devices", found.id);
    } catch (error) {
      problem.value = wordsFor(error);
    }
    busy.value = false;
  };
  return (
    <Sheet label="Look at an address" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <h2>Look at an address</h2>
        <Choices label="Kind" value={kind.value} choices={KINDS} onChoose={(next) => (kind.value = next)} />
        <Text label="Address, such as 192.168.88.1" name="address" value={address.value} onInput={(next) => (address.value = next)} />
        {kind.value === "router" && <Text label="User" name="user" value={user.value} onInput={(next) => (user.value = next)} />}
        {kind.value !== "printer" && <Text label="Pass word, if it has one" name="password" secret value={password.value} onInput={(next) => (password.value = next)} />}
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={busy.value || address.value.trim() === ""}>{busy.value ? "Asking…" : "Ask who is there"}</button>
      </form>
    </Sheet>
  );
}
