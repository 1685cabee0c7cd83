"""Opening the box's one SQLite file: pragmas, migrations, and whose journal it is.

WAL with `synchronous=FULL`: what was answered survives a power cut. Exactly one connection writes and
checkpoints, because SQLite before 3.51.3 may corrupt a WAL when two connections reset it at once
(core.md §7); every other connection is opened read-only. If the file cannot be opened, the caller is
told; there is no fall-back to memory.
"""

import secrets
import sqlite3
from pathlib import Path

import msgspec

from edge.journal import migrating
from protocol.facts.fact import genesis
from protocol.identity import uuid7

FILE_NAME = "journal.sqlite3"
#: The writer checkpoints when it is quiet; a commit does it only once the WAL has grown to 64 MiB.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=16384",
    "cache_size=-16384",
)


class DatabaseUnusable(Exception):
    """The file cannot be opened, migrated or trusted; the box must not sell."""


class Box(msgspec.Struct, frozen=True):
    """Whose journal this is. `venue_id` is None until the box is claimed."""

    node_id: str
    log_id: str
    venue_id: str | None
    epoch: int
    cloud_url: str | None


class LinkCursor(msgspec.Struct, frozen=True):
    """How much of the journal the cloud has, as far as the box was told."""

    acked_seq: int
    acked_hash: bytes
    acked_ms: int | None
    incarnation: str


def path_of(directory: Path) -> Path:
    """The database file in a data directory."""
    return directory / FILE_NAME


def open_writer(directory: Path, wall_ms: int) -> sqlite3.Connection:
    """The writing connection, schema up to date. Raises `DatabaseUnusable`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        migrating.upgrade(path_of(directory))
        connection = sqlite3.connect(path_of(directory), isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _identify(connection, wall_ms)
    except (OSError, sqlite3.Error, migrating.UnknownSchema) as error:
        raise DatabaseUnusable(f"{path_of(directory)}: {error}") from error
    return connection


def open_reader(directory: Path) -> sqlite3.Connection:
    """A read-only connection; sees committed data only."""
    uri = f"file:{path_of(directory)}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _identify(connection: sqlite3.Connection, wall_ms: int) -> None:
    """Give a new box its node id and its first log."""
    if connection.execute("SELECT 1 FROM box").fetchone():
        return
    node_id, log_id = (uuid7(wall_ms, secrets.token_bytes(10)) for _ in range(2))
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO box VALUES (1, ?, ?, NULL, 0, NULL)", (node_id, log_id))
    connection.execute("INSERT INTO link VALUES (1, 0, ?, NULL, '')", (genesis(log_id),))
    connection.execute("COMMIT")


def read_box(connection: sqlite3.Connection) -> Box:
    """Whose journal this is."""
    row = connection.execute("SELECT node_id, log_id, venue_id, epoch, cloud_url FROM box").fetchone()
    return Box(*row)


def read_link(connection: sqlite3.Connection) -> LinkCursor:
    """How much of it the cloud has."""
    query = "SELECT acked_seq, acked_hash, acked_ms, incarnation FROM link"
    return LinkCursor(*connection.execute(query).fetchone())


def bind(connection: sqlite3.Connection, venue_id: str, epoch: int, cloud_url: str) -> None:
    """Remember what the cloud answered to a claim."""
    with connection:
        connection.execute(
            "UPDATE box SET venue_id = ?, epoch = ?, cloud_url = ?", (venue_id, epoch, cloud_url)
        )


def read_head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Seq and chain hash of the last fact; 0 and the log's genesis when there is none."""
    row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, genesis(read_box(connection).log_id))
