"""What was printed at the venue, and what could not be."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The table and its guards."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
