-- When a venue could not be heard, and what reports look for by day.

CREATE TABLE link_outages (
    venue_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL CHECK (ended_at > began_at),
    PRIMARY KEY (venue_id, began_at)
);

CREATE FUNCTION note_outage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO link_outages (venue_id, began_at, ended_at) VALUES (NEW.venue_id, OLD.heard_at, NEW.heard_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER nodes_outage AFTER UPDATE OF heard_at ON nodes FOR EACH ROW
    WHEN (NEW.heard_at > OLD.heard_at + interval '15 seconds')
    EXECUTE FUNCTION note_outage();

CREATE INDEX play_sessions_by_day ON play_sessions (venue_id, ordered_ms);
CREATE INDEX table_sessions_by_day ON table_sessions (venue_id, opened_ms);
