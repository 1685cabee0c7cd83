"""People may be bound to some of their organisation's brands and venues."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0033"
down_revision = "0032"
phase = "pre"


def upgrade() -> None:
    """The reach of users and invitations."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
