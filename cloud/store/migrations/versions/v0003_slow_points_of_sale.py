"""Orders that wait for a point of sale: counted calls that may be in doubt, and the till's own reference."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Columns with what every order so far has."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
