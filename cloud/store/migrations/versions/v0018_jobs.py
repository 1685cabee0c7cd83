"""Work that is done later, and mails on their way."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """PGQueuer's tables, the jobs themselves, and the outbox."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
