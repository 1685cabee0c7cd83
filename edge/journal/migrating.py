"""Bringing a box's database up to the schema of this release.

A new one is laid down whole from `schema.sql`, which a test holds against the sum of the migrations. In an
older one Alembic runs the numbered migrations, all in one transaction. It is imported only then, because a
box that starts after a power cut should serve guests at once, and what is imported stays in memory. An older
database is copied before it is changed, so that the former release can go back to work with it. One from a
newer release is refused, never touched.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

#: Revision of `schema.sql`; the newest file in `migrations/versions`.
HEAD = "0017"

#: Where Alembic looks for the revision, as it makes it itself.
_NUMBERED = f"""
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('{HEAD}')"""


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
    """Lay down what is new, run what is missing. Raises `UnknownSchema`."""
    found = current(path)
    if found == HEAD:
        return
    if found is None:
        lay_down(path)
        return
    if found > HEAD:
        raise UnknownSchema(f"written by a newer release (schema {found}, this one knows {HEAD})")
    keep(path)
    migrate(path, HEAD)


def lay_down(path: Path) -> None:
    """The present schema in a database that has none, in one transaction. Raises `sqlite3.Error`."""
    schema = (Path(__file__).parent / "schema.sql").read_text("utf-8")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\n{_NUMBERED};\nCOMMIT;")


def migrate(path: Path, revision: str) -> None:
    """Run the migrations up to `revision`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["path"] = path
    command.upgrade(config, revision)


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
