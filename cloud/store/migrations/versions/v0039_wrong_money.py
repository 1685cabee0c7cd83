"""Card money of a wrong amount can be decided about."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0039"
down_revision = "0038"
phase = "pre"


def upgrade() -> None:
    """What came, and the books of it."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
