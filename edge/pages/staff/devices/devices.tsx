/**
 * Devices of the venue: which serve, which were found, and the way to look for one that says nothing of itself.
 *
 * For managers. Nothing here is in service before the box has tried it, configured it and written it down.
 * Counterparts: `edge/web/installing/device_desk.py`, `docs/devices.md`.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { FoundDevice, FoundDevices, ServingDevice, ServingDevices, Trial } from "@holdfast/protocol";
import { Badge, Empty, LastWord, Sheet, useLastWord, Waiting, type Tone } from "@holdfast/pages";
import { Icon, type IconName } from "../icons";
import { addressOf, go } from "../route";
import type { ViewProps } from "../view";
import { AdoptSheet, Tried } from "./adopt";
import { Health, servesWords } from "./health";
import { LookSheet } from "./look";
import { ServingSheet } from "./serving";
import "../stations/stations.css";

export const KIND_ICONS: Readonly<Record<FoundDevice["kind"], IconName>> = { plug: "plug", router: "router", printer: "print" };
const LOOK_EVERY_MS = 4_000;

/** What stands behind `devices`: nothing, `look`, or a device's id. */
export function DevicesView({ house, desk, rest }: ViewProps): JSX.Element {
  const found = useSignal<FoundDevices | null>(null);
  const serving = useSignal<ServingDevice[] | null>(null);
  const question = (): Promise<[FoundDevices, ServingDevices]> => Promise.all([desk.get<FoundDevices>("/api/v1/devices/found"), desk.get<ServingDevices>("/api/v1/devices")]);
  // The banner says when the box is away; the next look comes by itself.
  const word = useLastWord(() => new LastWord(question, ([one, { devices }]) => {
    found.value = one;
    serving.value = devices;
  }), [desk]);
  const look = (): void => void word.ask();
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [word]);
  /** A test that went well stays on the screen until somebody has seen it, whatever is in service by then. */
  const tried = useSignal<Trial | null>(null);
  const close = (): void => {
    tried.value = null;
    go("stations", "devices");
  };
  const named = rest[1];
  const mine = serving.value?.find((each) => each.id === named);
  const other = found.value?.devices.find((each) => each.id === named);
  const shared = {
    desk, house, onClose: close, onChanged: look,
    onTried: (trial: Trial) => {
      tried.value = trial;
      look();
    },
  };
  return (
    <main class="view">
      <header class="view-head">
        <a class="round" href={addressOf("stations")} aria-label="Back to the stations"><Icon name="back" /></a>
        <h1>Devices</h1>
        <a class="button push" href={addressOf("stations", "devices", "look")}><Icon name="search" />Look at an address</a>
      </header>
      {found.value?.trouble && <p class="verdict warn devices-trouble" role="alert">{found.value.trouble}</p>}
      {found.value === null || serving.value === null ? <Waiting words="Asking who answers…" /> : <Lists found={found.value.devices} serving={serving.value} names={new Map(house.stations.value.map((each) => [each.id, each.name]))} />}
      {named === "look" && <LookSheet {...shared} />}
      {tried.value && <Sheet label="It works" onClose={close}><Tried trial={tried.value} onClose={close} /></Sheet>}
      {!tried.value && mine && <ServingSheet key={mine.id} device={mine} {...shared} />}
      {!tried.value && !mine && other && <AdoptSheet key={other.id} device={other} serving={serving.value ?? []} {...shared} />}
    </main>
  );
}

interface ListsProps {
  found: FoundDevice[];
  serving: ServingDevice[];
  names: ReadonlyMap<string, string>;
}

function Lists({ found, serving, names }: ListsProps): JSX.Element {
  const others = found.filter((each) => each.state !== "adopted");
  return (
    <>
      <section class="devices">
        <h2>Found</h2>
        {others.length === 0
          ? <Empty title="Nothing new answers"><p>Plug a device in and give it the venue's Wi-Fi. Routers and some printers are looked for by their address.</p></Empty>
          : <ul class="rows">{others.map((each) => <Row key={each.id} id={each.id} icon={KIND_ICONS[each.kind]} title={each.model_name} words={wordsOf(each, names)}><Badge tone={FOUND_TONES[each.state]}>{FOUND_WORDS[each.state]}</Badge></Row>)}</ul>}
      </section>
      {serving.length > 0 && (
        <section class="devices">
          <h2>In service</h2>
          <ul class="rows">{serving.map((each) => <Row key={each.id} id={each.id} icon={KIND_ICONS[each.kind]} title={each.name} words={`${each.model_name} · ${servesWords(each, names)}`}><Health device={each} /></Row>)}</ul>
        </section>
      )}
    </>
  );
}

const FOUND_WORDS: Readonly<Record<FoundDevice["state"], string>> = { new: "new", adopted: "in service", unknown_model: "unknown model", locked: "asks for a pass word" };
const FOUND_TONES: Readonly<Record<FoundDevice["state"], Tone>> = { new: "good", adopted: "calm", unknown_model: "warn", locked: "warn" };

const hostOf = (url: string): string => url.replace(/^[a-z]+:\/\//, "");

function wordsOf(device: FoundDevice, names: ReadonlyMap<string, string>): string {
  const serves = device.station_id ? `at work for ${names.get(device.station_id) ?? device.station_id}, by the installer's file` : "";
  return [device.name === device.model_name ? "" : device.name, hostOf(device.url), serves].filter(Boolean).join(" · ");
}

function Row({ id, icon, title, words, children }: { id: string; icon: IconName; title: string; words: string; children: JSX.Element }): JSX.Element {
  return (
    <li>
      <a class="row device" href={addressOf("stations", "devices", id)}>
        <Icon name={icon} />
        <span class="row-words"><strong>{title}</strong><span class="soft">{words}</span></span>
        {children}
      </a>
    </li>
  );
}
