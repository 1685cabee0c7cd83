"""Facts get a month, so that months can be put away. Nothing is rewritten."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Two columns and what holds for them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
