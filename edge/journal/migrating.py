"""Bringing a box's database up to the schema of this release.

Alembic runs the numbered migrations, each in one transaction. It is imported only when there is
something to do, because a box that starts after a power cut should serve guests at once. A database is
copied before it is changed, so that the former release can go back to work with it. One from a newer
release is refused, never touched. Counterpart: `schema.sql`, which a test holds against the sum of the
migrations.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

#: Revision of `schema.sql`; the newest file in `migrations/versions`.
HEAD = "0016"


class UnknownSchema(Exception):
    """The database was written by a newer release."""


def current(path: Path) -> str | None:
    """The revision of a database file; None for a new one."""
    if not path.exists():
        return None
    connection = sqlite3.connect(path)
    try:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(query).fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    finally:
        connection.close()


def upgrade(path: Path) -> None:
    """Run what is missing. Raises `UnknownSchema`."""
    found = current(path)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise UnknownSchema(f"written by a newer release (schema {found}, this one knows {HEAD})")
    if found is not None:
        keep(path)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["path"] = path
    command.upgrade(config, HEAD)


def keep(path: Path) -> Path:
    """Copy a database beside itself, whole and on the disk before this returns. Raises `sqlite3.Error`."""
    kept = path.with_name(f"{path.name}.before-{HEAD}")
    partial = kept.with_name(kept.name + ".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()
    partial.chmod(0o600)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    return partial.replace(kept)
