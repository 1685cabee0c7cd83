-- What somebody wants to have as a file. `position` is where the next page begins and null at the end;
-- it moves together with `parts` in the transaction that names the page's part, so no row is there twice.
CREATE TABLE exports (
    organisation_id uuid NOT NULL,
    export_id uuid NOT NULL,
    what text NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'jsonl', 'parquet')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    venues uuid[] NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'processing', 'completed', 'failed', 'expired')),
    processed_records bigint NOT NULL DEFAULT 0,
    parts integer NOT NULL DEFAULT 0,
    position text NOT NULL DEFAULT '{}',
    whole boolean NOT NULL DEFAULT false,
    size_bytes bigint,
    failure_reason text,
    asked_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (organisation_id, export_id)
);
CREATE INDEX exports_by_age ON exports (organisation_id, created_at);
CREATE INDEX exports_to_expire ON exports (expires_at) WHERE state = 'completed';

CREATE TABLE export_parts (
    organisation_id uuid NOT NULL,
    export_id uuid NOT NULL,
    part integer NOT NULL,
    blob text NOT NULL,
    PRIMARY KEY (organisation_id, export_id, part)
);
