-- What a person has ticked off after an outage.
CREATE TABLE settled_items (
    venue_id uuid NOT NULL,
    key text NOT NULL,
    settled_by text NOT NULL,
    note text NOT NULL,
    settled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue_id, key)
);
