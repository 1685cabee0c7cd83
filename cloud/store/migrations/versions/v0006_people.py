"""Second factors, invitations, API tokens, and where login sessions were opened."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """New columns of users and sessions, three new tables."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
