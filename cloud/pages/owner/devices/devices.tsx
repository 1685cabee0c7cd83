/** Boxes and what hangs on them: what is well, what waits, what nobody has heard of. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Badge, clockTime, count, Empty, span as ago, type Tone } from "@holdfast/pages";
import { Card, Page } from "../page";
import { addressOf } from "../place";
import { Asked, useAsked } from "../states";
import type { SectionProps } from "../views";
import { releaseWords, ReleaseSheet, type BoxRelease } from "./release";

interface Device {
  kind: string;
  name: string;
  model: string;
  firmware: string;
  state: string;
  station_id: string | null;
  changed_ms: number;
}

interface Waiting {
  slips: number;
  slips_lost: number;
  tickets: number;
}

/** Counterpart: `BoxRow` in `cloud/owners/sight/health_desk.py`. */
interface Box {
  venue_id: string;
  venue: string;
  epoch: number;
  claimed_at: string | null;
  heard_at: string | null;
  up: boolean;
  clock_trusted: boolean | null;
  behind: number | null;
  trouble: string | null;
  menu_current: boolean;
  config_current: boolean;
  quarantined: number;
  devices: Device[];
  waiting: Waiting | null;
  release: BoxRelease;
}

const AGAIN_MS = 10_000;

export function Devices({ fleet, now_ms }: SectionProps): JSX.Element {
  const asked = useAsked<{ boxes: Box[] }>(fleet, "/api/devices");
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && asked.again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const chosen = useSignal<Box | null>(null);
  return (
    <Page title="Devices" about="Every box and what hangs on it. Of a venue that is offline this is as it was heard of last.">
      <Asked of={asked} waiting="Looking at your boxes…">
        {({ boxes }) => boxes.length === 0
          ? <Empty title="No boxes yet"><p>A box appears here as soon as there is a venue for it.</p></Empty>
          : boxes.map((box) => <BoxCard key={box.venue_id} box={box} now_ms={now_ms} onRelease={() => (chosen.value = box)} />)}
      </Asked>
      {chosen.value && <ReleaseSheet fleet={fleet} venue_id={chosen.value.venue_id} venue={chosen.value.venue} onClose={() => (chosen.value = null)} />}
    </Page>
  );
}

function BoxCard({ box, now_ms, onRelease }: { box: Box; now_ms: number; onRelease: () => void }): JSX.Element {
  return (
    <Card title={box.venue} about={heard(box, now_ms)} actions={<Badge tone={box.up ? "good" : box.claimed_at ? "bad" : "calm"}><span class="dot" aria-hidden="true" />{box.up ? "online" : box.claimed_at ? "offline" : "no box yet"}</Badge>}>
      {box.claimed_at && (
        <ul class="checklist">
          {checks(box).map(({ words, tone }) => <li key={words}><Badge tone={tone}>{MARKS[tone]}</Badge> {words}</li>)}
        </ul>
      )}
      {box.claimed_at && (
        <p class="health-link">
          <a class="button" href={addressOf("venue", box.venue_id, "health")}>How everything there is now</a>
          <button type="button" class="button" aria-label={`Releases at ${box.venue}`} onClick={onRelease}>Releases and opening hours</button>
        </p>
      )}
      {box.devices.length > 0 && (
        <ul class="rows">
          {box.devices.map((device) => (
            <li key={`${device.kind} ${device.name}`} class="row">
              <span class="row-words">
                <strong>{device.name} <span class="soft">{device.kind}</span></strong>
                <span class="soft">{[device.model, device.firmware, device.station_id && device.station_id !== device.name ? `serves ${device.station_id}` : "", `since ${clockTime(device.changed_ms)}`].filter(Boolean).join(" · ")}</span>
              </span>
              <Badge tone={toneOf(device.state)}>{device.state}</Badge>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const MARKS: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", calm: "?" };

function heard({ heard_at, epoch }: Box, now_ms: number): string {
  if (heard_at === null) return "Pair a box with the code that was shown when the venue was made.";
  return `Heard of ${ago((now_ms - Date.parse(heard_at)) / 1_000)} ago · box number ${epoch}`;
}

function checks(box: Box): { words: string; tone: Tone }[] {
  const { waiting } = box;
  const found: { words: string; tone: Tone }[] = [
    box.clock_trusted === null ? { words: "Nobody knows whether its clock is right", tone: "calm" } : box.clock_trusted ? { words: "Its clock is right", tone: "good" } : { words: "Its clock is not to be trusted; hours may be off", tone: "warn" },
    !box.up ? { words: "What it has sold since is not known yet", tone: "calm" } : box.behind ? { words: `${count(box.behind, "fact")} on the way`, tone: "warn" } : { words: "Everything it has is here", tone: "good" },
    box.menu_current ? { words: "Has the newest menu", tone: "good" } : { words: "A newer menu is on its way", tone: "warn" },
    box.config_current ? { words: "Has the newest configuration", tone: "good" } : { words: "A newer configuration is on its way", tone: "warn" },
  ];
  const release = releaseWords(box.release);
  if (release) found.push(release);
  if (waiting?.tickets) found.push({ words: `${count(waiting.tickets, "ticket")} that no kitchen has acknowledged`, tone: "bad" });
  if (waiting?.slips) found.push({ words: `${count(waiting.slips, "slip")} waiting for a printer`, tone: "warn" });
  if (waiting?.slips_lost) found.push({ words: `${count(waiting.slips_lost, "slip")} given up today`, tone: "bad" });
  if (box.quarantined > 0) found.push({ words: `${count(box.quarantined, "thing")} set aside for a look`, tone: "bad" });
  if (box.trouble) found.push({ words: box.trouble, tone: "bad" });
  return found;
}

const WELL = ["adopted", "in service", "ok", "online"];

const toneOf = (state: string): Tone => (WELL.includes(state) ? "good" : state === "maintenance" ? "warn" : "calm");
