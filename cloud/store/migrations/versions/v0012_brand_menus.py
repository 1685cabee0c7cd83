"""One menu a brand, with a draft and versions."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Three new tables."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
