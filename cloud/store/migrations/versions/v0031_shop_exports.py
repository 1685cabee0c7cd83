"""Orders of the shop can be exported."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """The moment of an order as exports count, and an index over it."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
