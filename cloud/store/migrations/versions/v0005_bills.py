"""Bills, payments, receipts, shifts; and when somebody went to another table."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One column and the new tables."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
