"""Devices that the staff took into service."""

from alembic import op

from edge.journal.migrations.statements import statements

revision = "0007"
down_revision = "0006"

SCHEMA = """-- Plugs, routers and printers in service, and those that were. A station is switched by one plug.
CREATE TABLE devices (
    device_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('plug', 'router', 'printer')),
    dialect TEXT NOT NULL,
    model TEXT NOT NULL,
    firmware TEXT NOT NULL,
    mac TEXT NOT NULL,
    name TEXT NOT NULL,
    station_id TEXT UNIQUE,
    serves TEXT NOT NULL CHECK (json_valid(serves)),
    state TEXT NOT NULL CHECK (state IN ('adopted', 'released')),
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CHECK (state = 'adopted' OR station_id IS NULL)
) STRICT, WITHOUT ROWID;
"""


def upgrade() -> None:
    """One new table."""
    for statement in statements(SCHEMA):
        op.execute(statement)
