/** What somebody has to look at now: what nobody looks after first. An alarm goes by itself when its cause does. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Badge, clockTime, Empty } from "@holdfast/pages";
import type { Desk } from "./desk";
import { DoubtCard } from "./doubt";
import { Icon, type IconName } from "./icons";
import type { Alarm } from "./news";
import { addressOf } from "./route";
import type { ViewProps } from "./view";
import { since } from "./time";

const ICONS: Readonly<Record<string, IconName>> = {
  ticket_unacknowledged: "kitchen", kitchen_broker_missing: "kitchen", printer_stopped: "print", print_stuck: "print", pos_in_doubt: "till", agent_gone: "stations",
};

export function AlarmList({ house, desk }: ViewProps): JSX.Element {
  const alarms = [...house.alarms.value].sort((one, other) => Number(one.seen_ms !== null) - Number(other.seen_ms !== null) || other.since_ms - one.since_ms);
  return (
    <main class="view">
      <header class="view-head"><h1>Alarms</h1></header>
      {alarms.length === 0
        ? <Empty title="Nothing wants you"><p>Kitchen, printers, stations and the till are looked after.</p></Empty>
        : <ul class="rows">{alarms.map((alarm) => <Row key={alarm.key} alarm={alarm} skew_ms={house.skew_ms.value} desk={desk} />)}</ul>}
    </main>
  );
}

function Row({ alarm, skew_ms, desk }: { alarm: Alarm; skew_ms: number; desk: Desk }): JSX.Element {
  const busy = useSignal(false);
  const seen = alarm.seen_ms !== null;
  const take = async (): Promise<void> => {
    busy.value = true;
    await desk.attempt(() => desk.send("/api/v1/alarms/acknowledge", { key: alarm.key }));
    busy.value = false;
  };
  return (
    <li class="row alarm" data-seen={seen}>
      <Icon name={ICONS[alarm.code] ?? (alarm.code.startsWith("device_") ? "stations" : "bell")} />
      <span class="row-words">
        <strong>{alarm.message}</strong>
        <span class="soft">since {clockTime(alarm.since_ms)}, {since(alarm.since_ms, skew_ms)}</span>
      </span>
      {seen ? <Badge tone="good">{alarm.seen_by} looks after it</Badge> : <button type="button" class="button" disabled={busy.value} onClick={() => void take()}>I look after it</button>}
      {alarm.code === "pos_in_doubt" && alarm.detail["order_id"] && <DoubtCard order_id={alarm.detail["order_id"]} message="Does the till have it?" desk={desk} />}
      {alarm.detail["station_id"] !== undefined && <a class="button plain" href={addressOf("stations", alarm.detail["station_id"])}>To the station</a>}
    </li>
  );
}
