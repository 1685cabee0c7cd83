"""Play time: sessions, entitlements, stations, balances, guest codes, and the clock they are counted on."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """New tables only; nothing that is there changes."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
