"""Open tickets by their age, so that a start reads the newest of them however many nobody ever bumped."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0015"
down_revision = "0014"

CHANGES = """
DROP INDEX open_tickets;
CREATE INDEX open_tickets ON tickets (placed_ms) WHERE state NOT IN ('served', 'rejected');
"""


def upgrade() -> None:
    """What is open stays open; only the order in which it is found changes."""
    for statement in statements(CHANGES):
        op.execute(statement)
