"""The audit is read newest first, one organisation's rows at a time."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """An index that has both."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
