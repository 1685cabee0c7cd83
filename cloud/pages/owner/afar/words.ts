/** Commands, list items and drills in an owner's words. Pure. */
import type { Tone } from "@holdfast/pages";
import type { CommandRow, CommandStatus, Decision, Drill, Finding, ItemKind } from "./shapes";

export const STATUS: Readonly<Record<CommandStatus, { words: string; tone: Tone; more: string }>> = {
  WAITING: { words: "On its way", tone: "calm", more: "The venue has not heard of it yet." },
  OVERDUE: { words: "No answer in time", tone: "warn", more: "Its time ran out before the venue answered. If the venue has not got it yet, it will not be done." },
  TAKEN: { words: "Being done", tone: "calm", more: "The venue has it." },
  HELD: { words: "Waits for the staff", tone: "warn", more: "Somebody at the venue has to say yes." },
  DONE: { words: "Done", tone: "good", more: "" },
  REFUSED: { words: "Refused", tone: "bad", more: "" },
  EXPIRED: { words: "Too late", tone: "warn", more: "" },
  UNKNOWN: { words: "Nobody knows", tone: "bad", more: "" },
};

export const isOpen = ({ status }: CommandRow): boolean => status === "WAITING" || status === "TAKEN" || status === "HELD";

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** What was asked, as a title. */
export function titleOf({ kind, ask }: CommandRow, dishes: ReadonlyMap<number, string> = new Map()): string {
  switch (kind) {
    case "mark_sold_out": {
      const dish = dishes.get(Number(ask["menu_item"])) ?? `dish ${text(ask["menu_item"])}`;
      return ask["sold_out"] === false ? `${dish}: available again` : `${dish}: sold out`;
    }
    case "extend_session":
      return `${Math.round(Number(ask["seconds"]) / 60)} minutes more`;
    case "stop_session":
      return "End a play session";
    case "cancel_order":
      return `Cancel ${text(ask["order_id"])}`;
    case "decide_refund":
      return ask["granted"] ? "Grant a refund" : "Decline a refund";
    case "start_drill":
      return `Outage drill, ${text(ask["minutes"])} min`;
    case "ask_resend":
      return "Say hello again";
    case "ask_backup":
      return "Back up now";
    case "write_off_credit":
      return "Write off what is owed on credit";
    case "upgrade":
      return `Upgrade${ask["version"] ? ` to ${text(ask["version"])}` : ""}${ask["insist"] ? ", whoever is there" : ""}`;
    case "tell_staff":
      return `Message: “${text(ask["text"])}”`;
    default:
      return kind.replaceAll("_", " ");
  }
}

export const KINDS: Readonly<Record<ItemKind, { words: string; tone: Tone; about: string }>> = {
  pending: { words: "Payments on the way", tone: "warn", about: "Nobody knows yet whether this money comes." },
  declined: { words: "Declined", tone: "bad", about: "The payment did not go through and the bill is still open." },
  recollect: { words: "To collect", tone: "bad", about: "The guests have left without paying, or their card was declined afterwards." },
  refund: { words: "Refunds to decide", tone: "warn", about: "What came too late to be undone. The money itself goes back through the till." },
  approval: { words: "Wait for the staff", tone: "warn", about: "Orders that were sent during an outage. Nothing is fired late by itself." },
  doubt: { words: "In doubt", tone: "bad", about: "Something was cut in the middle; somebody has to look." },
  stock: { words: "Sold more than there was", tone: "warn", about: "Count again at the venue." },
  quarantined: { words: "Set aside", tone: "bad", about: "The cloud could not read this and kept it whole. Everything else flows on." },
  credit: { words: "On the venue's credit", tone: "warn", about: "The venue stood in for these guests while the cloud could not be reached. It pays itself from the next money that comes to them." },
  orphan: { words: "From a replaced box", tone: "warn", about: "Only a box that was replaced knew of this. Accept it into the books as a record of its own, or write it off; reports show both." },
};

/** Before the name of whoever decided. */
export const DECISIONS: Readonly<Record<Decision, string>> = { noted: "", accepted: "Accepted by ", written_off: "Written off by " };

/** The order in which groups are shown: money first. */
export const KIND_ORDER: readonly ItemKind[] = ["recollect", "credit", "declined", "pending", "refund", "approval", "doubt", "stock", "quarantined", "orphan"];

export const FINDINGS: Readonly<Record<string, string>> = {
  orders: "Orders", kitchen: "Kitchen", printers: "Printers", payments: "Payments", play: "Play time", plugs: "Plugs and routers", agents: "Gaming PCs", journal: "The box's own books", restart: "The drill itself",
};

export interface Readiness {
  words: string;
  tone: Tone;
  more: string;
}

/** One sentence over a report. What was not tried is not called ready. */
export function readinessOf({ findings, status }: Pick<Drill, "findings" | "status">): Readiness {
  const count = (verdict: Finding["verdict"]): number => findings.filter((each) => each.verdict === verdict).length;
  if (status === "running") return { words: "Under way", tone: "calm", more: "The venue serves without its link." };
  if (count("bad") > 0) return { words: "Not ready", tone: "bad", more: "Something would have failed in a real outage." };
  if (count("warn") > 0) return { words: "Ready, with gaps", tone: "warn", more: "The venue served; some things want a look." };
  if (count("good") < 2) return { words: "Too quiet to tell", tone: "calm", more: "Hardly anything happened. Drill again in a busy hour, or place a test order." };
  return { words: "Ready", tone: "good", more: "Everything that was tried worked without the internet." };
}
