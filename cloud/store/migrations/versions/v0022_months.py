"""Facts become one table of many parts: the live one, and the months behind it."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """New names; no row is moved."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
