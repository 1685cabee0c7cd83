"""Wallets, what of them is set aside for venues, and the ledger in which every amount stands twice."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """The new tables, and the posting of what boxes say of balances."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
