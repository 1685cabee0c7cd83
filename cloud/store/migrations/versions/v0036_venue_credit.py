"""What guests owe a venue, and its place in the ledger."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """A table of its own, and accounts `credit:` and `loss:` of each venue."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
