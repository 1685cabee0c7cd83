"""Bookings of stations and their deposits, as the venues' boxes tell them."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0046"
down_revision = "0045"
phase = "pre"


def upgrade() -> None:
    """A table; nothing in it yet."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
