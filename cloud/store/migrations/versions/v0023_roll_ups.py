"""What reports are about, added up as it comes in."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Sums, and what keeps them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
