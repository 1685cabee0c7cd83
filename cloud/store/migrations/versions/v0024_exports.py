"""Exports and their parts."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """What somebody wants to have as a file, and how far it is."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
