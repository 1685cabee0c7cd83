"""Alerts, who is told of them, and nightly summaries."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Settings, recipients, history, and which days were summed up."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
