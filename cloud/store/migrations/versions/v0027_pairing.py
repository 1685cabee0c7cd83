"""Boxes that show a code and wait for an owner to type it in."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """One table."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
