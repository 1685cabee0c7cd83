"""Products have sizes and colours, and a draft of their own."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0037"
down_revision = "0036"
phase = "pre"


def upgrade() -> None:
    """Columns with defaults, a table, and the trigger that fills them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
