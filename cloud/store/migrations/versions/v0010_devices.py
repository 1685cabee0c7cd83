"""Devices that the staff took into service."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One new table."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
