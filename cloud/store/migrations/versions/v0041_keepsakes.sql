-- Pass words of a venue's devices for the box that may come next, sealed to a key that only the owner has.
CREATE TABLE keepsakes (
    venue_id uuid PRIMARY KEY,
    sealed bytea NOT NULL CHECK (length(sealed) <= 262144),
    kept_at timestamptz NOT NULL DEFAULT now()
);
