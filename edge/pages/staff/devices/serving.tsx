/** A device in service: how it is, its test once more, and letting it go. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { ReleasedDevice, ServingDevice, Trial } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import type { House } from "../house";
import { Choices } from "../sheets";
import { Fact, Text, TRIAL_MS, type DeviceSheetProps } from "./adopt";
import { Health, servesWords } from "./health";

export function ServingSheet({ device, desk, house, onClose, onChanged, onTried }: DeviceSheetProps & { device: ServingDevice }): JSX.Element {
  const busy = useSignal(false);
  const sure = useSignal(false);
  const names = new Map(house.stations.value.map((each) => [each.id, each.name]));
  const path = `/api/v1/devices/${encodeURIComponent(device.id)}`;
  const act = (what: () => Promise<void>): void => {
    if (busy.value) return;
    busy.value = true;
    void desk.attempt(what).then(() => {
      busy.value = false;
      onChanged();
    });
  };
  const again = (): void => act(async () => {
    onTried(await desk.send<Trial>(`${path}/try`, {}, "POST", TRIAL_MS));
  });
  const machine = (station_id: string): string => `${path}/machines/${encodeURIComponent(station_id)}`;
  const bind = (station_id: string, mac: string): void => act(async () => void (await desk.send(machine(station_id), { mac }, "PUT", TRIAL_MS)));
  const drop = (station_id: string): void => act(async () => void (await desk.drop(machine(station_id))));
  const release = (): void => act(async () => {
    const { unlocked } = await desk.send<ReleasedDevice>(`${path}/release`, { reason: "let go on the devices page" });
    desk.say(unlocked ? `${device.name} is out of service.` : `${device.name} is out of service. It could not be told so: reset it by hand before others use it.`, unlocked ? "good" : "warn");
    onClose();
  });
  return (
    <Sheet label={device.name} onClose={onClose}>
      <div class="stack">
        <h2>{device.name}</h2>
        <p><Health device={device} /></p>
        <dl class="facts">
          <Fact name="Serves">{servesWords(device, names)}</Fact>
          <Fact name="Model">{`${device.model_name}${device.firmware ? `, firmware ${device.firmware}` : ""}`}</Fact>
          <Fact name="Known by">{device.mac || device.id}</Fact>
          <Fact name="Answers at">{device.url}</Fact>
          {device.kind === "plug" && <Fact name="Pass word">{device.protected ? "set; only this box knows it" : "none"}</Fact>}
        </dl>
        {device.kind === "router" && <Machines device={device} house={house} busy={busy.value} onBind={bind} onDrop={drop} />}
        <button type="button" class="button wide" disabled={busy.value} onClick={again}>{busy.value ? "Asking…" : "Try it again"}</button>
        {sure.value
          ? <button type="button" class="button danger wide" disabled={busy.value} onClick={release}>Yes, take it out of service</button>
          : <button type="button" class="button plain wide" onClick={() => (sure.value = true)}>Take it out of service</button>}
        <p class="soft hint">To replace a broken plug, choose the new one in the list and the same station.</p>
      </div>
    </Sheet>
  );
}

interface MachinesProps {
  device: ServingDevice;
  house: House;
  busy: boolean;
  onBind: (station_id: string, mac: string) => void;
  onDrop: (station_id: string) => void;
}

/** What stands behind a router, by station. */
function Machines({ device, house, busy, onBind, onDrop }: MachinesProps): JSX.Element {
  const station_id = useSignal("");
  const mac = useSignal("");
  const free = house.stations.value.filter((station) => device.machines[station.id] === undefined);
  const names = new Map(house.stations.value.map((station) => [station.id, station.name]));
  const add = (event: Event): void => {
    event.preventDefault();
    onBind(station_id.value, mac.value.trim());
    station_id.value = mac.value = "";
  };
  return (
    <form class="stack" onSubmit={add}>
      <ul class="rows">
        {Object.entries(device.machines).map(([id, each]) => (
          <li key={id} class="machine"><span><strong>{names.get(id) ?? id}</strong> <span class="soft number">{each}</span></span><button type="button" class="button plain" disabled={busy} onClick={() => onDrop(id)}>Remove</button></li>
        ))}
      </ul>
      <div class="field places">
        <span>Another station it cares for</span>
        <Choices label="Stations" value={station_id.value} choices={free.map((station) => ({ value: station.id, words: station.name }))} onChoose={(next) => (station_id.value = next)} />
      </div>
      {station_id.value !== "" && <Text label="MAC of the machine there" name="mac" value={mac.value} onInput={(next) => (mac.value = next)} />}
      {station_id.value !== "" && <button type="submit" class="button go wide" disabled={busy || mac.value.trim() === ""}>Care for it</button>}
    </form>
  );
}
