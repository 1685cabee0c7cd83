"""What a person has ticked off the list of things to look at after an outage."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The new table."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
