"""Open tickets by their number, for a clock that was put back makes the newest of them look the oldest."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0017"
down_revision = "0016"

CHANGES = """
DROP INDEX open_tickets;
CREATE INDEX open_tickets ON tickets (CAST(substr(ticket, 3) AS INTEGER))
    WHERE state NOT IN ('served', 'rejected');
"""


def upgrade() -> None:
    """What is open stays open; only the order in which it is found changes."""
    for statement in statements(CHANGES):
        op.execute(statement)
