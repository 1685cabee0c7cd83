/** What the cloud says of alerts. Counterpart: `cloud/owners/sight/alert_desk.py`. */
export interface AlertRow {
  alert_id: string;
  kind: string;
  venue_id: string | null;
  words: string;
  began_at: string;
  told_at: string | null;
  over_at: string | null;
}

export interface AlertKind {
  kind: string;
  words: string;
}

export interface AlertsBody {
  kinds: AlertKind[];
  alerts: AlertRow[];
  /** Whether a mail server is configured. */
  mail: boolean;
  waiting: number;
}

export interface Recipient {
  email: string;
  kinds: string[];
  summaries: boolean;
}

export interface Settings {
  silent_after_s: number;
  quiet_from: string | null;
  quiet_until: string | null;
  summary_at: string;
  webhook_url: string | null;
  recipients: Recipient[];
}

export interface SettingsBody extends Settings {
  webhook_key: string | null;
}
