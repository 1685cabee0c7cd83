"""What guests owe the venue for what they played on its credit while the cloud could not be reached."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0014"
down_revision = "0013"

CHANGES = """
CREATE TABLE venue_credits (
    entry TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    cap_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    given_by TEXT,
    given_ms INTEGER NOT NULL,
    collected_minor INTEGER NOT NULL CHECK (collected_minor >= 0),
    written_off_minor INTEGER NOT NULL CHECK (written_off_minor >= 0),
    status TEXT NOT NULL CHECK (status IN ('open', 'collected', 'written_off')),
    note TEXT NOT NULL,
    settled_by TEXT,
    settled_ms INTEGER CHECK ((settled_ms IS NULL) = (status = 'open')),
    version INTEGER NOT NULL,
    CHECK (collected_minor + written_off_minor <= amount_minor)
) STRICT, WITHOUT ROWID;
CREATE INDEX venue_credits_open ON venue_credits (given_ms) WHERE status = 'open';
CREATE TRIGGER venue_credit_transitions BEFORE UPDATE OF status ON venue_credits
WHEN NEW.status <> OLD.status AND OLD.status <> 'open'
BEGIN SELECT RAISE(ABORT, 'a credit is settled once'); END;
"""


def upgrade() -> None:
    """Nobody owes anything yet."""
    for statement in statements(CHANGES):
        op.execute(statement)
