"""Releases for boxes: what there is, for whom it is open, and where each box stands with it."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Two tables for everybody, two of venues."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
