"""Cards that a terminal stored while nothing could be asked, and the sum of what it has not sent."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0013"
down_revision = "0012"

SCHEMA = """
-- Cards that the terminal took while nothing could be asked, and what of them it has not sent, in one row.
CREATE TABLE stored_cards (
    payment_pid TEXT PRIMARY KEY REFERENCES payments (payment_pid),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    over_limits TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (over_limits = '' OR reason <> ''),
    approved_by TEXT NOT NULL CHECK (over_limits = '' OR approved_by <> ''),
    stored_by TEXT,
    stored_ms INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unsent', 'sent', 'declined')),
    note TEXT NOT NULL,
    settled_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status = 'unsent')),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unsent_cards ON stored_cards (stored_ms) WHERE status = 'unsent';
CREATE TRIGGER stored_card_transitions BEFORE UPDATE OF status ON stored_cards
WHEN NEW.status <> OLD.status AND OLD.status <> 'unsent'
BEGIN SELECT RAISE(ABORT, 'a stored card has one end'); END;

CREATE TABLE terminals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    unsent INTEGER NOT NULL CHECK (unsent >= 0),
    unsent_minor INTEGER NOT NULL CHECK ((unsent_minor > 0) = (unsent > 0)),
    most_unsent_minor INTEGER NOT NULL CHECK (most_unsent_minor >= 0),
    cut_off_s INTEGER NOT NULL CHECK (cut_off_s >= 0),
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
"""


def upgrade() -> None:
    """The new tables."""
    for statement in statements(SCHEMA):
        op.execute(statement)
