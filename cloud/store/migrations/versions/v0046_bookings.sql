-- Bookings of stations, and what became of their deposits.
CREATE TABLE bookings (
    venue_id uuid NOT NULL,
    booking_id text NOT NULL,
    station_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')),
    zone text NOT NULL,
    name text NOT NULL,
    phone text NOT NULL,
    note text NOT NULL,
    party bigint NOT NULL,
    starts_ms bigint NOT NULL,
    ends_ms bigint NOT NULL,
    currency text NOT NULL,
    deposit_minor bigint NOT NULL,
    deposit text NOT NULL,
    deposit_pid text,
    deposit_method text NOT NULL,
    free_until_ms bigint NOT NULL,
    user_id text,
    session_id text,
    reason text NOT NULL,
    made_ms bigint NOT NULL,
    made_by text,
    settled_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (venue_id, booking_id)
);
CREATE INDEX bookings_by_start ON bookings (venue_id, starts_ms, booking_id);
CREATE INDEX bookings_open ON bookings (venue_id, booking_id)
    WHERE status IN ('HELD', 'CONFIRMED') OR deposit IN ('paid', 'owed');
CREATE TRIGGER bookings_unreachable BEFORE UPDATE ON bookings FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND (OLD.status IN ('CANCELLED', 'NO_SHOW') OR NEW.status = 'HELD'))
    EXECUTE FUNCTION refuse_unreachable('a booking', 'a state that lies behind it');
CREATE TRIGGER bookings_version BEFORE UPDATE ON bookings FOR EACH ROW
    WHEN (NEW.version < OLD.version) EXECUTE FUNCTION refuse_older_version();

-- A deposit that waits is the guest's: it is no revenue before it is used or kept. Rows come as they were at the
-- end of a run of facts, so one that was paid and used meanwhile was never seen waiting, and nothing is posted.
CREATE FUNCTION post_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    sign bigint := CASE WHEN NEW.deposit IN ('paid', 'owed') THEN 1 ELSE -1 END;
    name text := 'deposit:' || NEW.venue_id || ':' || NEW.booking_id;
BEGIN
    SELECT organisation_id INTO owner FROM venues WHERE venue_id = NEW.venue_id;
    IF owner IS NULL THEN
        RETURN NULL;
    END IF;
    IF sign < 0 THEN
        IF NOT EXISTS (SELECT FROM ledger WHERE organisation_id = owner AND transaction = name) THEN
            RETURN NULL;
        END IF;
        name := 'deposit over:' || NEW.venue_id || ':' || NEW.booking_id;
    END IF;
    INSERT INTO ledger (organisation_id, transaction, account, amount_minor, currency) VALUES
        (owner, name, 'revenue:' || NEW.venue_id, -sign * NEW.deposit_minor, NEW.currency),
        (owner, name, 'deposits:' || NEW.venue_id, sign * NEW.deposit_minor, NEW.currency)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER deposits_are_posted AFTER INSERT OR UPDATE OF deposit ON bookings FOR EACH ROW
    WHEN (NEW.deposit NOT IN ('', 'due')) EXECUTE FUNCTION post_deposit();
