"""Where the log of a box that took a place over began, kept for ever: with it the box proves its charge.

The floor begins there, too, but rises when old facts are forgotten.
"""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0012"
down_revision = "0011"

CHANGES = """
CREATE TABLE charge (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    base_seq INTEGER NOT NULL CHECK (base_seq > 0),
    base_hash BLOB NOT NULL CHECK (length(base_hash) = 32)
) STRICT;
INSERT INTO charge SELECT 1, seq, hash FROM floor WHERE seq > 0;
"""


def upgrade() -> None:
    """A box that took over lately still has its floor there; another one's proof convinces nobody."""
    for statement in statements(CHANGES):
        op.execute(statement)
