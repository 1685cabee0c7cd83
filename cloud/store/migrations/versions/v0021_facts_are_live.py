"""Postgres convinces itself that no fact has been put away yet, while boxes go on sending."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """A look at every fact, beside the work."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
