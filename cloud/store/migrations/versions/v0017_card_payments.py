"""Card payments by way of a provider, their refunds, and the events that the provider sent."""

from pathlib import Path

from alembic import op

from cloud.store.migrate import run_script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Three tables and what guards them."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
