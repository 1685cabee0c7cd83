"""When venues could not be heard, and indexes for reports."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """A table, what fills it, two indexes."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
