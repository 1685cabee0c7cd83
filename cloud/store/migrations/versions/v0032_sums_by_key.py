"""Sums of lines find each order by its key, whatever the planner believes of the tables' size."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """The same sums by another plan."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
