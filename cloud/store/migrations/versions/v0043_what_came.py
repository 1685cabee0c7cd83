"""Accepted card money of a wrong amount can be given back whole; each venue's refunds are its own."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0043"
down_revision = "0042"
phase = "pre"


def upgrade() -> None:
    """Functions that post refunds, and how much of a payment may have gone back."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
