"""Tokens may be bound as people are; jobs and mails know the bounds of whoever caused them."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0045"
down_revision = "0044"
phase = "pre"


def upgrade() -> None:
    """The reach of tokens, jobs and mails; rows of before are of the whole organisation."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
