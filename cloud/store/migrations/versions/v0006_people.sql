-- Second factors, invitations, API tokens, and where a login session was opened.

ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN totp_secret text;
ALTER TABLE users ADD COLUMN totp_offered text;
ALTER TABLE users ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;

ALTER TABLE login_sessions ADD COLUMN session_id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE login_sessions ADD COLUMN origin text NOT NULL DEFAULT '';
ALTER TABLE login_sessions ADD COLUMN browser text NOT NULL DEFAULT '';

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_digest text NOT NULL,
    PRIMARY KEY (user_id, code_digest)
);

CREATE TABLE invitations (
    invitation_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    token_digest text NOT NULL UNIQUE,
    email text NOT NULL CHECK (email = lower(email)),
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'accountant', 'support')),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX invitations_by_organisation ON invitations (organisation_id);

CREATE TABLE api_tokens (
    token_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    token_digest text NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_tokens_by_organisation ON api_tokens (organisation_id);
