"""Tickets of later courses, which are held until somebody fires them."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """One column, one state."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
