/**
 * What the readings of a venue's things come to, in words and sums.
 *
 * Rule of the file: pure. A reading is as old as it says; one that is older than the box takes to tell everything anew is
 * stale, and nothing is added up from it or shown as well. Counterpart: `protocol/telemetry.py`.
 */
import type { Thing } from "@holdfast/protocol";
import { count, span, type Tone } from "@holdfast/pages";

/** A plug is looked at every minute, and everything is told every minute; a third one may get lost. */
export const STALE_S = 180;

/** Readings with the moment of their answer, so that their ages go on counting. */
export interface Told {
  things: readonly Thing[];
  at_ms: number;
}

export const age_s = (thing: Thing, at_ms: number, now_ms: number): number => thing.age_s + Math.max(0, now_ms - at_ms) / 1_000;

export const isStale = (thing: Thing, at_ms: number, now_ms: number): boolean => age_s(thing, at_ms, now_ms) > STALE_S;

export interface StateWords {
  words: string;
  tone: Tone;
  /** Of a reading that is too old to go by. */
  was: string;
}

const STATES: Readonly<Record<string, StateWords>> = {
  well: { words: "well", tone: "good", was: "was well" },
  shaky: { words: "look soon", tone: "warn", was: "wanted a look" },
  alarmed: { words: "needs somebody", tone: "bad", was: "needed somebody" },
  lost: { words: "does not answer", tone: "bad", was: "was not answering" },
  away: { words: "off", tone: "calm", was: "was off" },
  unknown: { words: "not heard yet", tone: "calm", was: "never heard" },
};

/** The badge of a state, also of one that this page has no word for. */
export const stateOf = (thing: Thing): StateWords => STATES[thing.state] ?? { words: thing.state, tone: "calm", was: `was ${thing.state}` };

const GIGA = 1e9;
const percent = (value: number): string => `${Math.round(value)} %`;

const FIGURES: Readonly<Record<string, (value: number) => string>> = {
  power_w: (value) => watts(value),
  energy_wh: (value) => `${(value / 1_000).toFixed(2)} kWh counted`,
  cpu_percent: (value) => `CPU ${percent(value)}`,
  ram_percent: (value) => `RAM ${percent(value)}`,
  open_tickets: (value) => count(value, "open ticket"),
  unacknowledged: (value) => (value > 0 ? `${value} nobody has seen` : ""),
  waiting: (value) => (value > 0 ? `${count(value, "slip")} waiting` : ""),
  disk_free_bytes: (value) => `${(value / GIGA).toFixed(value < 10 * GIGA ? 1 : 0)} GB free`,
  disk_used_percent: (value) => `disk ${percent(value)} full`,
  memory_free_bytes: () => "",
  memory_used_percent: (value) => `memory ${percent(value)}`,
  load_1m: (value) => `load ${value.toFixed(2)}`,
  temperature_c: (value) => `${value.toFixed(0)} °C`,
  uptime_s: (value) => `up for ${span(value)}`,
  clock_trusted: (value) => (value > 0 ? "clock is right" : "clock is not to be trusted"),
  alarms: (value) => (value > 0 ? count(value, "alarm") : "no alarms"),
};

/** As an owner reads watts. */
export const watts = (value: number): string => (value >= 1_000 ? `${(value / 1_000).toFixed(2)} kW` : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} W`);

/** What was measured, in words; figures of a later release by their names. */
export function figuresOf(thing: Thing): string[] {
  return Object.entries(thing.figures)
    .map(([name, value]) => FIGURES[name]?.(value) ?? `${name.replaceAll("_", " ")} ${value}`)
    .filter((words) => words !== "");
}

/** What all plugs draw that were heard of lately; null where none was measured. */
export function drawn_w({ things, at_ms }: Told, now_ms: number): number | null {
  const measured = things.filter((thing) => thing.figures.power_w !== undefined && !isStale(thing, at_ms, now_ms));
  return measured.length === 0 ? null : measured.reduce((sum, thing) => sum + (thing.figures.power_w ?? 0), 0);
}

/** Things that somebody has to go to, worst first. */
export const amiss = ({ things, at_ms }: Told, now_ms: number): Thing[] =>
  things.filter((thing) => ["alarmed", "lost", "shaky"].includes(thing.state) && !isStale(thing, at_ms, now_ms));

export interface Group {
  title: string;
  things: Thing[];
}

const GROUPS: readonly [title: string, kinds: readonly string[]][] = [
  ["Plugs and routers", ["plug", "gate"]],
  ["PCs", ["agent"]],
  ["Kitchen", ["kitchen", "broker"]],
  ["Printers", ["printer"]],
];

/** Everything but the box, in the order in which an owner walks through a venue; what is of no known kind comes last. */
export function grouped(things: readonly Thing[]): Group[] {
  const known = new Set(["box", ...GROUPS.flatMap(([, kinds]) => kinds)]);
  const groups = GROUPS.map(([title, kinds]) => ({
    title,
    things: things.filter(({ kind }) => kinds.includes(kind)).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind)),
  }));
  const others = things.filter(({ kind }) => !known.has(kind));
  return [...groups, { title: "Other things", things: others }].filter((group) => group.things.length > 0);
}
