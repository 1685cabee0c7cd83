"""What of a cart and of an order is taken away, and what combos consist of."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0008"
down_revision = "0007"

SCHEMA = """
ALTER TABLE cart_items ADD COLUMN takeaway INTEGER NOT NULL DEFAULT 0 CHECK (takeaway IN (0, 1));
ALTER TABLE cart_items ADD COLUMN choices TEXT NOT NULL DEFAULT '[]';
ALTER TABLE order_lines ADD COLUMN takeaway INTEGER NOT NULL DEFAULT 0 CHECK (takeaway IN (0, 1));
ALTER TABLE order_lines ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    """Four columns."""
    for statement in statements(SCHEMA):
        op.execute(statement)
