"""${message}"""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """What changes, and why a venue may go on selling meanwhile."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
