"""Boxes that take another's place: where their logs begin, what they are given, what the old ones left."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Columns with what every box so far has, and the new tables."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
