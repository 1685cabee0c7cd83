"""Decisions about what only a replaced box knew of."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """What was ticked off before was noted and no more."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
