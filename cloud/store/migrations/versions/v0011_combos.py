"""What of a cart and of an order is taken away, and what combos consist of."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Four columns."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
