"""Journals that go on after another box's: a floor below which facts were carried over, stock as levels.

A box may also have been replaced itself; then `fenced` is the epoch of the one that has its place.
"""

from alembic import op
from sqlalchemy import text

from edge.journal.migrations.statements import statements
from protocol.facts.fact import genesis

revision = "0010"
down_revision = "0009"

CHANGES = """
ALTER TABLE box ADD COLUMN fenced INTEGER;
CREATE TABLE floor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    item_id INTEGER NOT NULL,
    order_number INTEGER NOT NULL,
    ticket_number INTEGER NOT NULL,
    receipt_number INTEGER NOT NULL,
    z_number INTEGER NOT NULL
) STRICT;
CREATE TABLE levels (
    menu_item INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    qty INTEGER,
    taken_off INTEGER NOT NULL CHECK (taken_off IN (0, 1)),
    version INTEGER NOT NULL
) STRICT;
DROP TRIGGER journal_continues;
CREATE TRIGGER journal_continues BEFORE INSERT ON journal
WHEN NEW.previous > 0 AND NOT EXISTS (
    SELECT 1 FROM journal
    WHERE seq = NEW.previous AND aggregate = NEW.aggregate AND version = NEW.version - 1
) AND NEW.seq > coalesce((SELECT seq FROM floor), 0)
BEGIN SELECT RAISE(ABORT, 'a fact follows the one before it'); END;
DROP TRIGGER order_numbers_have_no_gaps;
CREATE TRIGGER order_numbers_have_no_gaps BEFORE UPDATE OF status ON orders
WHEN NEW.status = 'confirmed' AND OLD.status <> 'confirmed'
    AND NEW.ticket_number IS NOT (
        SELECT max(coalesce(max(ticket_number), 0), coalesce((SELECT ticket_number FROM floor), 0)) + 1
        FROM orders
    )
    AND coalesce(NEW.ticket_number > coalesce((SELECT ticket_number FROM floor), 0), 1)
BEGIN SELECT RAISE(ABORT, 'a confirmed order gets the next number'); END;
DROP TRIGGER receipts_have_no_gap;
CREATE TRIGGER receipts_have_no_gap BEFORE INSERT ON receipts
WHEN NEW.number <> (
        SELECT max(coalesce(max(number), 0), coalesce((SELECT receipt_number FROM floor), 0)) + 1
        FROM receipts
    )
    AND NEW.number > coalesce((SELECT receipt_number FROM floor), 0)
BEGIN SELECT RAISE(ABORT, 'receipts are numbered without a gap'); END;
DROP TRIGGER z_reports_have_no_gap;
CREATE TRIGGER z_reports_have_no_gap BEFORE UPDATE OF z_number ON shifts
WHEN OLD.z_number IS NULL AND NEW.z_number <> (
        SELECT max(coalesce(max(z_number), 0), coalesce((SELECT z_number FROM floor), 0)) + 1 FROM shifts
    )
    AND NEW.z_number > coalesce((SELECT z_number FROM floor), 0)
BEGIN SELECT RAISE(ABORT, 'Z reports are numbered without a gap'); END;
"""


def upgrade() -> None:
    """A box that is at work stands on the ground: its log begins at its genesis."""
    for statement in statements(CHANGES):
        op.execute(statement)
    connection = op.get_bind()
    for (log_id,) in connection.execute(text("SELECT log_id FROM box")).fetchall():
        ground = text("INSERT INTO floor VALUES (1, 0, :hash, 0, 0, 0, 0, 0)")
        connection.execute(ground, {"hash": genesis(log_id)})
