"""What guests pay in on balances is no sale, in the ledger and in the takings."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0048"
down_revision = "0047"
phase = "pre"


def upgrade() -> None:
    """Functions, a view, a column; whoever starts next counts venues anew where money was paid in."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
