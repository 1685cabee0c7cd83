/** Taking a found device into service: what it is to serve, one tap, and how its test went. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { AdoptedDevice, FoundDevice, ServingDevice, Trial } from "@holdfast/protocol";
import { Refused, Sheet } from "@holdfast/pages";
import { wordsFor, type Desk } from "../desk";
import type { House } from "../house";
import { Icon } from "../icons";
import { Choices } from "../sheets";

export interface DeviceSheetProps {
  desk: Desk;
  house: House;
  onClose: () => void;
  onChanged: () => void;
  /** It went well. */
  onTried: (trial: Trial) => void;
}

/** A printer may take twenty seconds over its slip. */
export const TRIAL_MS = 60_000;

const STEPS: Readonly<Record<string, string>> = {
  identify: "say who it is", connect: "connect", prepare: "take its settings", on: "switch on", "read power": "measure power", off: "switch off",
  allow: "let a machine through", block: "stop it again", status: "say how it is", print: "print a slip", protect: "take its pass word",
};

/** Which step failed, and why, as a person can act on it. */
function failureOf(error: unknown): string {
  const step = error instanceof Refused ? error.beside["step"] : undefined;
  const words = wordsFor(error);
  return typeof step === "string" ? `It could not ${STEPS[step] ?? step}. ${words}` : words;
}

export function AdoptSheet({ device, serving, desk, house, onClose, onTried }: DeviceSheetProps & { device: FoundDevice; serving: ServingDevice[] }): JSX.Element {
  const station_id = useSignal(device.station_id ?? "");
  const name = useSignal(device.kind === "router" ? "router" : device.model_name);
  const mac = useSignal("");
  const password = useSignal("");
  const user = useSignal("admin");
  const receipts = useSignal(false);
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const replaced = serving.find((each) => device.kind === "plug" && each.station_id === station_id.value && each.id !== device.id);
  const body = (): object => {
    const entry = { user: user.value, password: password.value };
    if (replaced) return { ...entry, replaces: replaced.id };
    if (device.kind === "plug") return { ...entry, station_id: station_id.value };
    if (device.kind === "printer") return { ...entry, name: name.value.trim(), receipts: receipts.value };
    return { ...entry, name: name.value.trim(), ...(station_id.value && mac.value ? { station_id: station_id.value, mac: mac.value.trim() } : {}) };
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      const answer = await desk.insist<AdoptedDevice>(`/api/v1/devices/${encodeURIComponent(device.id)}/adopt`, body(), { patience_ms: 0, timeout_ms: TRIAL_MS });
      onTried(answer.trial);
    } catch (error) {
      problem.value = failureOf(error);
      busy.value = false;
    }
  };
  const ready = device.kind === "plug" ? station_id.value !== "" : name.value.trim() !== "";
  return (
    <Sheet label={device.model_name} onClose={onClose} class="tall">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <h2>{device.model_name}</h2>
        <dl class="facts">
          <Fact name="Model">{device.model || "not known yet"}</Fact>
          <Fact name="Address">{device.url}</Fact>
          {device.mac && <Fact name="MAC">{device.mac}</Fact>}
          {device.firmware && <Fact name="Firmware">{device.firmware}</Fact>}
        </dl>
        {device.kind !== "printer" && <Places house={house} optional={device.kind === "router"} value={station_id.value} onChoose={(next) => (station_id.value = next)} />}
        {device.kind === "router" && station_id.value !== "" && <Text label="MAC of the machine there" name="mac" value={mac.value} onInput={(next) => (mac.value = next)} />}
        {device.kind !== "plug" && <Text label="What people call it" name="name" value={name.value} onInput={(next) => (name.value = next)} />}
        {device.kind === "printer" && <label class="option"><input type="checkbox" checked={receipts.value} onChange={(event) => (receipts.value = event.currentTarget.checked)} />Receipts come out here</label>}
        {replaced && <p class="verdict warn">It takes the place of {replaced.name} ({replaced.model_name}). Who plays there goes on.</p>}
        <details open={device.state === "locked"}>
          <summary class="button plain">It has a pass word</summary>
          <div class="stack">
            {device.kind === "router" && <Text label="User" name="user" value={user.value} onInput={(next) => (user.value = next)} />}
            <Text label="Pass word" name="password" secret value={password.value} onInput={(next) => (password.value = next)} />
          </div>
        </details>
        {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
        <button type="submit" class="button go wide" disabled={!ready || busy.value}>{busy.value ? "Trying it out…" : "Try it and take it into service"}</button>
        <p class="soft hint">{HINTS[device.kind]}</p>
      </form>
    </Sheet>
  );
}

const HINTS: Readonly<Record<FoundDevice["kind"], string>> = {
  plug: "It is switched on for a few seconds and measured, stays off after a power cut from then on, and gets a pass word if it has none.",
  router: "Its rules are laid above those that would bypass them; with a machine, that one is let through and stopped again.",
  printer: "It prints a slip.",
};

function Places({ house, value, optional, onChoose }: { house: House; value: string; optional: boolean; onChoose: (id: string) => void }): JSX.Element {
  const choices = house.stations.value.map((station) => ({ value: station.id, words: station.name }));
  return (
    <div class="field places">
      <span>{optional ? "The first station it cares for, if you like" : "Which station does it switch?"}</span>
      <Choices label="Stations" value={value} choices={choices} onChoose={(next) => onChoose(optional && next === value ? "" : next)} />
    </div>
  );
}

export function Text(props: { label: string; name: string; value: string; secret?: boolean; onInput: (next: string) => void }): JSX.Element {
  const shared = { class: "input", name: props.name, maxLength: 128, value: props.value };
  const type = (event: { currentTarget: HTMLInputElement }): void => props.onInput(event.currentTarget.value);
  return (
    <label class="field">
      <span>{props.label}</span>
      {props.secret ? <input {...shared} type="password" autocomplete="off" onInput={type} /> : <input {...shared} type="text" autocomplete="off" onInput={type} />}
    </label>
  );
}

export function Fact({ name, children }: { name: string; children: string }): JSX.Element {
  return <div class="fact"><dt>{name}</dt><dd>{children}</dd></div>;
}

export function Tried({ trial, onClose }: { trial: Trial; onClose: () => void }): JSX.Element {
  return (
    <div class="stack">
      <h2>It works</h2>
      <ul class="steps">{trial.passed.map((step) => <li key={step}><Icon name="check" />{STEPS[step] ?? step}{step === "read power" && trial.power_w !== null && <strong class="number">{Math.round(trial.power_w)} W</strong>}</li>)}</ul>
      <button type="button" class="button go wide" onClick={onClose}>Done</button>
    </div>
  );
}
