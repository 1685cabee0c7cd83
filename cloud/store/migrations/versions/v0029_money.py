"""Every payment in the ledger, and the provider's own books beside ours."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Postings by trigger, two tables, and what was paid before them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
    run_script(op.get_bind(), Path(__file__).with_name("v0029_money_before.sql"))
