/**
 * The one sentence at the top of the screen: what is broken, and what works all the same. Pure.
 *
 * Faults are told by place, the nearest one first, because that is where somebody has to go: this tablet's way to the
 * box, the box's disk, the kitchen's devices, the internet, the cloud.
 */
import type { LinkFault, StaffLink } from "@holdfast/protocol";
import { formatMoney } from "@holdfast/protocol";
import { clockTime, count, span, type LiveState, type Tone } from "@holdfast/pages";
import type { BoxStatus } from "./house";

export type Where = "nowhere" | "lan" | "box" | "kitchen" | "internet" | "cloud";

export interface Trouble {
  where: Where;
  tone: Tone;
  title: string;
  /** What goes on, and what does not. */
  works: string;
  /** Counts and times, for whoever has room for them. */
  more: string;
}

export interface Signs {
  line: LiveState;
  heard_ms: number | null;
  link: StaffLink | null;
  /** Until when the link is cut on purpose, on the box's clock; null or nothing while it is not. */
  drill_ends_ms?: number | null;
  status: BoxStatus | null;
  /** This device's clock. */
  now_ms: number;
  /** How far the box's clock is ahead. */
  skew_ms: number;
}

const WELL: Trouble = { where: "nowhere", tone: "good", title: "", works: "", more: "" };

export function troubleOf(signs: Signs): Trouble {
  const { line, heard_ms, link, status } = signs;
  if (heard_ms !== null && line !== "live") {
    const seen = `What you see is from ${clockTime(heard_ms)}.`;
    return { where: "lan", tone: "bad", title: "This tablet has lost the box. Reconnecting…", works: seen, more: "Check the Wi-Fi; phones and kitchen may still work." };
  }
  if (status && status.storage !== "ok") {
    return { where: "box", tone: "bad", title: "The box cannot write to its disk.", works: "Nothing can be sold until it can.", more: "Looking still works." };
  }
  if (!link) return WELL;
  if (link.mqtt !== "ok" && link.mqtt !== "off") {
    return { where: "kitchen", tone: "warn", title: "Kitchen devices are not reached.", works: "Tickets still come on the kitchen page and on paper.", more: "" };
  }
  if (link.link === "down" && signs.drill_ends_ms) {
    const until = `The link is cut on purpose until ${clockTime(signs.drill_ends_ms)}.`;
    return { where: "cloud", tone: "calm", title: "Outage drill.", works: until, more: `${unsent(link, status)} wait here.` };
  }
  if (link.link === "down") return away(link, status, signs.now_ms + signs.skew_ms);
  if (link.link === "catching_up") {
    return { where: "cloud", tone: "calm", title: "Connected again.", works: "Everything works.", more: `${unsent(link, status)} on the way to the cloud.` };
  }
  return WELL;
}

const FAULTS: Readonly<Record<LinkFault, { where: Where; title: string }>> = {
  internet: { where: "internet", title: "The internet is gone." },
  cloud: { where: "cloud", title: "The cloud does not answer; the internet is there." },
  unclaimed: { where: "cloud", title: "This box has no cloud yet." },
  disowned: { where: "cloud", title: "The cloud does not know this box any more: claim it again." },
  unknown: { where: "internet", title: "No connection to the cloud." },
  none: { where: "internet", title: "No connection to the cloud." },
};

/** Neither internet nor cloud is needed to serve; what the owner does not see yet is counted. */
function away(link: StaffLink, status: BoxStatus | null, now_ms: number): Trouble {
  const since = link.last_sync_ms === null ? "never synced" : `last synced ${span((now_ms - link.last_sync_ms) / 1_000)} ago`;
  const works = "Orders, kitchen, printing, cash and play time work.";
  return { ...FAULTS[link.fault], tone: "warn", works, more: `${unsent(link, status)} wait here, ${since}.` };
}

function unsent(link: StaffLink, status: BoxStatus | null): string {
  const entries = count(status?.unsynced ?? link.unsynced, "entry", "entries");
  const worth = status && status.unsynced_value_minor > 0 ? ` (orders worth ${formatMoney(status.unsynced_value_minor, status.currency)})` : "";
  return `${entries}${worth}`;
}
