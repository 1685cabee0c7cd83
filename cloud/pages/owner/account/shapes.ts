/** What the cloud says of one's own account. */

export interface Session {
  session_id: string;
  origin: string;
  browser: string;
  created_at: string;
  expires_at: string;
  current: boolean;
}

/** Counterpart: `Account` in `cloud/owners/people/account.py`. */
export interface AccountBody {
  email: string;
  name: string;
  role: string;
  second_factor: boolean;
  recovery_codes_left: number;
  sessions: Session[];
}
