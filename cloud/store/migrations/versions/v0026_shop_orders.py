"""Orders of the shop: priced, paid, made, shipped, and what was given back."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """The new tables and the guards on their states."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
