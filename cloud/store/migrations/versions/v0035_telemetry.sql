ALTER TABLE nodes ADD COLUMN hellos bigint NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN unsynced_minor bigint;

CREATE TABLE telemetry (
    venue_id uuid NOT NULL,
    thing text NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    figures jsonb NOT NULL,
    words text NOT NULL,
    read_at timestamptz NOT NULL,
    since_at timestamptz NOT NULL,
    PRIMARY KEY (venue_id, thing)
);
