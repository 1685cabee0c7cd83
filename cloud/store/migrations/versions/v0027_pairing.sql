-- A box that shows a code and waits for an owner to type it in (RFC 8628).
CREATE TABLE pairings (
    user_code_digest text PRIMARY KEY,
    -- As a claim code's digest: once an owner has said yes, that is what it is.
    device_code_digest text NOT NULL UNIQUE,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    node_id uuid NOT NULL,
    tail_seq bigint NOT NULL CHECK (tail_seq >= 0),
    release text NOT NULL,
    -- What the box serves from already, as it said it; empty for a box that serves nobody.
    house text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    polled_at timestamptz,
    interval_s integer NOT NULL,
    approved_at timestamptz,
    venue_id uuid REFERENCES venues,
    replaces boolean NOT NULL DEFAULT false,
    CHECK ((approved_at IS NULL) = (venue_id IS NULL))
);
CREATE INDEX pairings_by_key ON pairings (public_key);
