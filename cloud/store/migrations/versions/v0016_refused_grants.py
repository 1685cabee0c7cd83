"""A grant that the box did not take goes back to its wallet."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """One more posting."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
