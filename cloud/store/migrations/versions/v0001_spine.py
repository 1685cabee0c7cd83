"""Venues, their people, the link, facts and the tables that they fold into."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The first step makes everything."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
