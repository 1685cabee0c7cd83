"""Tickets of later courses, which are held until somebody fires them."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0009"
down_revision = "0008"

SCHEMA = """
DROP TRIGGER ticket_transitions;
DROP INDEX open_tickets;
ALTER TABLE tickets RENAME TO tickets_before;
CREATE TABLE tickets (
    ticket TEXT NOT NULL,
    station TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    session_pid TEXT NOT NULL,
    table_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'held', 'fired', 'received', 'accepted', 'preparing', 'ready', 'served', 'recalled', 'rejected'
        )
    ),
    placed_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    course TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (ticket, station)
) STRICT, WITHOUT ROWID;
INSERT INTO tickets SELECT *, '' FROM tickets_before;
DROP TABLE tickets_before;
CREATE INDEX open_tickets ON tickets (station, placed_ms) WHERE state NOT IN ('served', 'rejected');
CREATE TRIGGER ticket_transitions BEFORE UPDATE OF state ON tickets
WHEN NEW.state <> OLD.state AND NOT (
    OLD.state = 'held' AND NEW.state IN ('fired', 'rejected')
    OR OLD.state = 'fired' AND NEW.state IN ('received', 'accepted', 'preparing', 'rejected')
    OR OLD.state = 'received' AND NEW.state IN ('accepted', 'preparing', 'ready', 'rejected')
    OR OLD.state = 'accepted' AND NEW.state IN ('preparing', 'ready', 'rejected')
    OR OLD.state = 'preparing' AND NEW.state IN ('ready', 'rejected')
    OR OLD.state = 'ready' AND NEW.state IN ('served', 'recalled')
    OR OLD.state = 'served' AND NEW.state = 'recalled'
    OR OLD.state = 'recalled' AND NEW.state IN ('preparing', 'ready')
)
BEGIN SELECT RAISE(ABORT, 'a ticket cannot move like that'); END;
"""


def upgrade() -> None:
    """The table anew, for SQLite cannot change what a column may hold."""
    for statement in statements(SCHEMA):
        op.execute(statement)
