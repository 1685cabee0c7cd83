"""What a box leaves, sealed, for the one after it."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """One row a venue."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
