"""Commands to venues with their outcomes, refund requests, notes for the staff, outage drills."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """The new tables."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
