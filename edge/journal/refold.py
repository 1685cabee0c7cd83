"""Going back to a former release without losing what was sold with the newer one.

The newer release has migrated the tables, and the former one cannot read them. But tables are only folded
from the journal, and the journal keeps its shape: so the former release makes its own tables anew from the
facts. A fact it has no meaning for is named, and then nothing is changed: going forward again is the way out.

Counterpart: `migrating.py` goes the other way; `edge/provision/upgrade.py` calls this when a release fails.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from edge.journal import migrating
from edge.journal.backup import set_aside, sync_directory
from edge.journal.database import give_to_owner, path_of, take
from edge.journal.rebuild import Folding
from protocol.facts.fold import SHAPES

#: Folded from the journal, or about this file itself; everything else is copied as far as it is known here.
_NOT_COPIED = {*SHAPES, "heads", "journal", "alembic_version"}


class RefoldRefused(Exception):
    """It was not done, and nothing was changed; the text says why."""


class Refolded(msgspec.Struct, frozen=True):
    """What was made. `aside` is where the newer database went."""

    facts: int
    former_schema: str
    schema: str
    aside: Path | None


def refold(directory: Path) -> Refolded | None:
    """Make this release's tables from the journal in a data directory; None if they are its own already.

    Raises `RefoldRefused` when a fact means nothing to this release or the journal is damaged,
    `sqlite3.Error`, and `DirectoryTaken` while the box runs.
    """
    present = path_of(directory)
    if not present.exists():
        raise RefoldRefused(f"there is no journal in {directory}")
    tenancy = take(directory)
    try:
        found = migrating.current(present)
        if found is None:
            raise RefoldRefused(f"{present} is no journal")
        return None if found <= migrating.HEAD else _refold(directory, found)
    finally:
        tenancy.close()


def _refold(directory: Path, found: str) -> Refolded:
    partial = directory / "journal.refolding"
    partial.unlink(missing_ok=True)
    try:
        migrating.upgrade(partial)
        partial.chmod(0o600)
        facts = _fill(partial, path_of(directory))
        aside = set_aside(path_of(directory))
        give_to_owner(partial)
        partial.replace(path_of(directory))
    finally:
        partial.unlink(missing_ok=True)
    sync_directory(directory)
    return Refolded(facts, found, migrating.HEAD, aside)


def _fill(target: Path, source: Path) -> int:
    with closing(sqlite3.connect(target, isolation_level=None)) as fresh:
        fresh.execute("ATTACH ? AS newer", (str(source),))
        fresh.execute("BEGIN IMMEDIATE")
        for table in _tables(fresh) - _NOT_COPIED:
            _copy(fresh, table)
        _copy(fresh, "journal")
        fresh.execute("COMMIT")
        fresh.execute("DETACH newer")
        with closing(sqlite3.connect(target, isolation_level=None)) as facts:
            folding = Folding(facts, fresh)
            try:
                folding.run()
            except sqlite3.IntegrityError as error:
                said = f"near fact {folding.seq}: a guard of the tables says no: {error}"
                raise RefoldRefused(said) from error
        if folding.problems:
            raise RefoldRefused("; ".join(folding.problems[:5]))
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return folding.facts


def _tables(connection: sqlite3.Connection) -> set[str]:
    query = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return {name for (name,) in connection.execute(query)}


def _copy(connection: sqlite3.Connection, table: str) -> None:
    """Rows of the newer table, in the columns that both have; none where the newer has no such table."""
    here, there = (_columns(connection, schema, table) for schema in ("main", "newer"))
    names = ", ".join(name for name in here if name in there)
    if names:
        order = " ORDER BY seq" if table == "journal" else ""
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}{order}")


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA {schema}.table_info({table})")]
