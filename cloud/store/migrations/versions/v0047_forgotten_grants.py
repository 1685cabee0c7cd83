"""What was set aside for a venue and forgotten in a restore is set aside again when its box tells of it."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0047"
down_revision = "0046"
phase = "pre"


def upgrade() -> None:
    """The trigger on entries of accounts."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
