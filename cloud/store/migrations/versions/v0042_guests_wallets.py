"""Guests see their own wallets by a link in a mail."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0042"
down_revision = "0041"
phase = "pre"


def upgrade() -> None:
    """Addresses of wallets, and links to them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
