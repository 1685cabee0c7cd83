"""Printouts: what has to be on paper, and how far it has come."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0002"
down_revision = "0001"

SCHEMA = """
CREATE TABLE printouts (
    job TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'sending', 'printed', 'dropped')),
    printer TEXT,
    attempts INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_printouts ON printouts (asked_ms) WHERE state IN ('asked', 'sending');
CREATE TRIGGER printout_transitions BEFORE UPDATE OF state ON printouts
WHEN NEW.state <> OLD.state AND NOT (
    OLD.state = 'asked' AND NEW.state IN ('sending', 'dropped')
    OR OLD.state = 'sending' AND NEW.state IN ('printed', 'dropped')
)
BEGIN SELECT RAISE(ABORT, 'a printout cannot move like that'); END;
"""


def upgrade() -> None:
    """The table and its guard."""
    for statement in statements(SCHEMA):
        op.execute(statement)
