"""The shop: what venues sell, what guests design, and the pictures painted of it."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """New tables only."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
