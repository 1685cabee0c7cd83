"""Cards that a terminal stored while its venue was cut off."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0034"
down_revision = "0033"
phase = "pre"


def upgrade() -> None:
    """The new tables, which the former release does not know."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
