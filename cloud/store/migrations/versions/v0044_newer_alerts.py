"""Whoever wants to be told of everything is told of what came later, too."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0044"
down_revision = "0043"
phase = "pre"


def upgrade() -> None:
    """Recipients who had all kinds of their time get those of today."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
