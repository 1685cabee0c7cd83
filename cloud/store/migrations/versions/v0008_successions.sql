-- Boxes that take another's place: where their logs begin, what they are given, what the old ones left.

ALTER TABLE claim_codes ADD COLUMN for_epoch integer;
ALTER TABLE claim_codes ADD COLUMN public_key bytea;

ALTER TABLE nodes ADD COLUMN base_seq bigint NOT NULL DEFAULT 0 CHECK (base_seq >= 0);
ALTER TABLE nodes ADD COLUMN base_hash bytea;
ALTER TABLE nodes ADD COLUMN life text;
ALTER TABLE nodes ADD COLUMN rival_life text;
ALTER TABLE nodes ADD COLUMN rival_since timestamptz;
ALTER TABLE nodes ADD COLUMN fenced_at timestamptz;

CREATE TABLE snapshots (
    venue_id uuid NOT NULL,
    node_id uuid NOT NULL,
    manifest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, node_id)
);

CREATE TABLE snapshot_chunks (
    venue_id uuid NOT NULL,
    node_id uuid NOT NULL,
    place integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (venue_id, node_id, place),
    FOREIGN KEY (venue_id, node_id) REFERENCES snapshots ON DELETE CASCADE
);

CREATE TABLE orphans (
    venue_id uuid NOT NULL,
    log_id uuid NOT NULL,
    seq bigint NOT NULL,
    aggregate text NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    record bytea NOT NULL,
    hash bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, log_id, seq, hash)
);
CREATE INDEX orphans_of_aggregate ON orphans (venue_id, log_id, aggregate);

CREATE TABLE orphan_orders (
    venue_id uuid NOT NULL,
    log_id uuid NOT NULL,
    order_id text NOT NULL,
    table_name text NOT NULL,
    status text NOT NULL,
    total_minor bigint NOT NULL,
    currency text NOT NULL,
    placed_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, log_id, order_id)
);

CREATE TABLE orphan_payments (
    venue_id uuid NOT NULL,
    log_id uuid NOT NULL,
    payment_pid text NOT NULL,
    method text NOT NULL,
    status text NOT NULL,
    amount_minor bigint NOT NULL,
    tip_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    currency text NOT NULL,
    initiated_ms bigint NOT NULL,
    PRIMARY KEY (venue_id, log_id, payment_pid)
);
