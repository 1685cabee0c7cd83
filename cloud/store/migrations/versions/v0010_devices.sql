CREATE TABLE devices (
    venue_id uuid NOT NULL,
    device_id text NOT NULL,
    kind text NOT NULL,
    dialect text NOT NULL,
    model text NOT NULL,
    firmware text NOT NULL,
    mac text NOT NULL,
    name text NOT NULL,
    station_id text,
    serves text NOT NULL,
    state text NOT NULL,
    changed_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, device_id)
);

CREATE TRIGGER devices_version BEFORE UPDATE ON devices FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();
