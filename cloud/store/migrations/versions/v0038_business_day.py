"""Business days that begin when a venue says."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0038"
down_revision = "0037"
phase = "pre"


def upgrade() -> None:
    """The hour, and sums by the days that it makes."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
