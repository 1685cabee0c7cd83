"""The latest readings of a venue's things, and what a box says that the cloud lacks."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0035"
down_revision = "0034"
phase = "pre"


def upgrade() -> None:
    """A table that is small for ever, and two columns that boxes fill."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
