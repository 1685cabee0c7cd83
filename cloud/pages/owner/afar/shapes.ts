/** What the cloud says of commands, of the list after an outage and of drills. Counterparts: `cloud/owners/venues/commanding.py`, `aftermath.py`. */

export type CommandStatus = "WAITING" | "OVERDUE" | "TAKEN" | "HELD" | "DONE" | "REFUSED" | "EXPIRED" | "UNKNOWN";

export interface CommandRow {
  command_id: string;
  kind: string;
  ask: Record<string, unknown>;
  by: string;
  status: CommandStatus;
  code: string;
  message: string;
  result: Record<string, string>;
  approved_by: string | null;
  issued_ms: number;
  expires_ms: number;
  finished_ms: number | null;
}

export interface Choices {
  dishes: { id: number; name: string; off: boolean }[];
  sessions: { session_id: string; station_id: string; status: string; ends_ms: number | null }[];
  orders: { order_id: string; table: string; status: string; total_minor: number; currency: string }[];
}

export type ItemKind = "pending" | "declined" | "recollect" | "refund" | "approval" | "doubt" | "stock" | "quarantined" | "orphan" | "credit";

export type Decision = "noted" | "accepted" | "written_off";

export interface Item {
  key: string;
  kind: ItemKind;
  about: string;
  detail: string;
  amount_minor: number | null;
  currency: string;
  since_ms: number;
  settled_by: string | null;
  note: string | null;
  decision: Decision | null;
}

export interface Finding {
  what: string;
  verdict: "good" | "warn" | "bad" | "idle";
  words: string;
}

export interface Drill {
  drill_id: string;
  minutes: number;
  status: "running" | "catching_up" | "done";
  begun_by: string | null;
  begun_ms: number;
  ended_ms: number | null;
  ending: "completed" | "stopped" | "interrupted" | null;
  lasted_s: number | null;
  unsynced: number | null;
  findings: Finding[];
  drained_ms: number | null;
}
