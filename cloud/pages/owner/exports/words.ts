/** How exports are told of. Rule of the file: pure. Counterpart: `cloud/owners/sight/export_desk.py`. */
import type { Tone } from "@holdfast/pages";

export type ExportState = "queued" | "processing" | "completed" | "failed" | "expired";
export type ExportFormat = "csv" | "jsonl" | "parquet";

export interface ExportRow {
  export_id: string;
  what: string;
  format: ExportFormat;
  first: string;
  last: string;
  venue_ids: string[];
  state: ExportState;
  processed_records: number;
  size_bytes: number | null;
  failure_reason: string | null;
  file_url: string | null;
  asked_by: string;
  created_at: string;
  completed_at: string | null;
  expires_at: string | null;
}

export const FORMATS: readonly { key: ExportFormat; words: string; about: string }[] = [
  { key: "csv", words: "CSV", about: "For Excel, Numbers and bookkeeping programs." },
  { key: "jsonl", words: "JSON Lines", about: "For programs: one JSON object a line." },
  { key: "parquet", words: "Parquet", about: "For data tools: small, with types." },
];

export const STATES: Readonly<Record<ExportState, { words: string; tone: Tone }>> = {
  queued: { words: "Waiting", tone: "calm" },
  processing: { words: "Being written", tone: "warn" },
  completed: { words: "Ready", tone: "good" },
  failed: { words: "Failed", tone: "bad" },
  expired: { words: "Expired", tone: "calm" },
};

export const unfinished = (row: ExportRow): boolean => row.state === "queued" || row.state === "processing";

/** 900 → "900 B", 12_345 → "12.3 kB", 4_000_000 → "4 MB". */
export function size(bytes: number): string {
  const steps = ["B", "kB", "MB", "GB"];
  let [value, step] = [bytes, 0];
  while (value >= 1000 && step < steps.length - 1) [value, step] = [value / 1000, step + 1];
  return `${Number(value.toFixed(value < 100 && step > 0 ? 1 : 0))} ${steps[step]}`;
}

export const rows = (count: number): string => `${count.toLocaleString()} ${count === 1 ? "row" : "rows"}`;
