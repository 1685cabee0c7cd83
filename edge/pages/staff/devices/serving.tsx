/** A device in service: how it is, its test once more, and letting it go. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import type { ReleasedDevice, ServingDevice, Trial } from "@holdfast/protocol";
import { Sheet } from "@holdfast/pages";
import { Fact, TRIAL_MS, type DeviceSheetProps } from "./adopt";
import { Health, servesWords } from "./devices";

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
        <button type="button" class="button wide" disabled={busy.value} onClick={again}>{busy.value ? "Asking…" : "Try it again"}</button>
        {sure.value
          ? <button type="button" class="button danger wide" disabled={busy.value} onClick={release}>Yes, take it out of service</button>
          : <button type="button" class="button plain wide" onClick={() => (sure.value = true)}>Take it out of service</button>}
        <p class="soft hint">To replace a broken plug, choose the new one in the list and the same station.</p>
      </div>
    </Sheet>
  );
}
