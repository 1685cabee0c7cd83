"""Bookings of stations: spans that do not overlap, and deposits."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0016"
down_revision = "0015"

SCHEMA = """
-- Bookings of stations. The trigger is what keeps two from one slot, whatever the code thinks.
CREATE TABLE bookings (
    booking_id TEXT PRIMARY KEY,
    station_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')),
    zone TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    note TEXT NOT NULL,
    party INTEGER NOT NULL CHECK (party > 0),
    starts_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL CHECK (ends_ms > starts_ms),
    currency TEXT NOT NULL,
    deposit_minor INTEGER NOT NULL CHECK (deposit_minor >= 0),
    deposit TEXT NOT NULL CHECK (deposit IN ('', 'due', 'paid', 'used', 'forfeited', 'owed', 'returned')),
    deposit_pid TEXT,
    deposit_method TEXT NOT NULL,
    free_until_ms INTEGER NOT NULL,
    user_id TEXT,
    session_id TEXT CHECK ((session_id IS NOT NULL) = (status = 'CHECKED_IN')),
    reason TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    made_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status IN ('HELD', 'CONFIRMED'))),
    version INTEGER NOT NULL,
    CHECK ((deposit = '') = (deposit_minor = 0))
) STRICT, WITHOUT ROWID;
CREATE INDEX bookings_standing ON bookings (station_id, starts_ms) WHERE status IN ('HELD', 'CONFIRMED');
CREATE INDEX bookings_by_start ON bookings (starts_ms);
CREATE INDEX bookings_deposits ON bookings (deposit) WHERE deposit IN ('paid', 'owed');
CREATE TRIGGER booking_transitions BEFORE UPDATE OF status ON bookings
WHEN NEW.status <> OLD.status AND NOT (
    OLD.status = 'HELD' AND NEW.status IN ('CONFIRMED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')
    OR OLD.status = 'CONFIRMED' AND NEW.status IN ('CHECKED_IN', 'CANCELLED', 'NO_SHOW')
    OR OLD.status = 'CHECKED_IN' AND NEW.status IN ('CONFIRMED', 'CANCELLED')
)
BEGIN SELECT RAISE(ABORT, 'a booking cannot move like that'); END;
CREATE TRIGGER deposit_transitions BEFORE UPDATE OF deposit ON bookings
WHEN NEW.deposit <> OLD.deposit AND NOT (
    OLD.deposit = 'due' AND NEW.deposit IN ('paid', 'owed')
    OR OLD.deposit = 'paid' AND NEW.deposit IN ('used', 'forfeited', 'owed', 'returned')
    OR OLD.deposit = 'owed' AND NEW.deposit = 'returned'
)
BEGIN SELECT RAISE(ABORT, 'a deposit cannot move like that'); END;
CREATE TRIGGER a_slot_is_booked_once BEFORE INSERT ON bookings
WHEN NEW.status IN ('HELD', 'CONFIRMED') AND EXISTS (
    SELECT 1 FROM bookings
    WHERE station_id = NEW.station_id AND status IN ('HELD', 'CONFIRMED')
        AND starts_ms < NEW.ends_ms AND ends_ms > NEW.starts_ms AND booking_id <> NEW.booking_id
)
BEGIN SELECT RAISE(ABORT, 'a slot is booked once'); END;
"""


def upgrade() -> None:
    """Nothing is booked yet."""
    for statement in statements(SCHEMA):
        op.execute(statement)
