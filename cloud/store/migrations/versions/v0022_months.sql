-- The check that was proved before spares Postgres another look: this takes a moment, however much there is.
ALTER TABLE facts RENAME TO facts_live;
ALTER INDEX facts_pkey RENAME TO facts_live_pkey;
ALTER INDEX facts_of_aggregate RENAME TO facts_live_of_aggregate;
DO $$
DECLARE
    found record;
BEGIN
    -- Since Postgres 18 "not null" has a name, too.
    FOR found IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'facts_live'::regclass AND conname LIKE 'facts\_%\_not\_null'
    LOOP
        EXECUTE format('ALTER TABLE facts_live RENAME CONSTRAINT %I TO %I',
            found.conname, replace(found.conname, 'facts_', 'facts_live_'));
    END LOOP;
END $$;

CREATE TABLE facts (
    venue_id uuid NOT NULL,
    log_id uuid NOT NULL,
    seq bigint NOT NULL,
    aggregate text NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    record bytea NOT NULL,
    hash bytea NOT NULL,
    set_aside boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL DEFAULT now(),
    month date NOT NULL DEFAULT 'infinity'
) PARTITION BY RANGE (month);
ALTER TABLE facts ATTACH PARTITION facts_live FOR VALUES FROM ('infinity') TO (MAXVALUE);
ALTER TABLE facts_live DROP CONSTRAINT facts_are_live;

CREATE TABLE facts_kept (LIKE facts INCLUDING DEFAULTS);
ALTER TABLE facts_kept ADD PRIMARY KEY (venue_id, log_id, seq);
CREATE UNIQUE INDEX facts_kept_of_aggregate ON facts_kept (venue_id, aggregate, version) WHERE NOT set_aside;
ALTER TABLE facts ATTACH PARTITION facts_kept FOR VALUES FROM (MINVALUE) TO ('2000-01-01');

CREATE TABLE archives (
    month date PRIMARY KEY,
    file text NOT NULL,
    sha256 bytea NOT NULL,
    facts bigint NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE archived_logs (
    venue_id uuid NOT NULL,
    log_id uuid NOT NULL,
    month date NOT NULL REFERENCES archives ON DELETE CASCADE,
    facts bigint NOT NULL,
    PRIMARY KEY (venue_id, log_id, month)
);
