"""Opening the box's one SQLite file: pragmas, migrations, and whose journal it is.

WAL with `synchronous=FULL`: what was answered survives a power cut. Exactly one connection writes and
checkpoints, because SQLite before 3.51.3 may corrupt a WAL when two connections reset it at once
(core.md §7); every other connection is opened read-only, and a second process that wants to write is
turned away. If the file cannot be opened, the caller is told; there is no fall-back to memory.
"""

import os
import secrets
import sqlite3
from pathlib import Path

import msgspec

from edge.journal import migrating
from protocol.facts.fact import genesis
from protocol.identity import uuid7
from protocol.snapshot import Numbers

FILE_NAME = "journal.sqlite3"
#: An empty database on which the writing process holds SQLite's exclusive lock for as long as it lives.
TENANCY_NAME = "writer.lock"
#: How long a commit waits for a stranger's lock (a `sqlite3` shell's); the loop stands still meanwhile.
BUSY_TIMEOUT_S = 1.0
#: The writer checkpoints when it is quiet; a commit does it only once the WAL has grown to 64 MiB. A batch of
#: a full house dirties less than 4 MiB, and what else is read is in the system's own cache.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=16384",
    "cache_size=-4096",
)


class DatabaseUnusable(Exception):
    """The file cannot be opened, migrated or trusted; the box must not sell."""


class DirectoryTaken(DatabaseUnusable):
    """Another process of this box works in the data directory; end that one first."""


class WritingConnection(sqlite3.Connection):
    """The one connection that writes. The directory is free again once it is closed, or its process dead."""

    tenancy: sqlite3.Connection

    def close(self) -> None:
        """Close, and let others have the directory."""
        super().close()
        self.tenancy.close()


class Box(msgspec.Struct, frozen=True):
    """Whose journal this is. `venue_id` is None until it serves a venue, `cloud_url` until it is paired.

    `fenced` is the epoch of the box that has this one's place; None while it has it itself.
    """

    node_id: str
    log_id: str
    venue_id: str | None
    epoch: int
    cloud_url: str | None
    fenced: int | None = None


class Floor(msgspec.Struct, frozen=True):
    """Where the box's own log begins, and the highest numbers that were given out before."""

    seq: int
    hash: bytes
    numbers: Numbers


class LinkCursor(msgspec.Struct, frozen=True):
    """How much of the journal the cloud has, as far as the box was told."""

    acked_seq: int
    acked_hash: bytes
    acked_ms: int | None
    incarnation: str


def path_of(directory: Path) -> Path:
    """The database file in a data directory."""
    return directory / FILE_NAME


def take(directory: Path) -> sqlite3.Connection:
    """Hold the data directory until the returned connection is closed or this process ends, however it ends.

    SQLite's own file lock is used because it is let go by the kernel and is the same on every system.
    Raises `DirectoryTaken`, or `DatabaseUnusable` when the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lock = directory / TENANCY_NAME
    if not lock.exists():
        lock.touch(mode=0o600)
        give_to_owner(lock)
    tenancy = sqlite3.connect(lock, isolation_level=None, timeout=0.0)
    try:
        tenancy.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        tenancy.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise DirectoryTaken(f"{directory} is in use by another process of this box") from error
        raise DatabaseUnusable(f"{directory}: {error}") from error
    return tenancy


def give_to_owner(path: Path) -> None:
    """Let its directory's owner have a file that was made with `sudo`, or the service could not open it."""
    if os.name == "posix" and os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def open_writer(directory: Path, wall_ms: int) -> WritingConnection:
    """The writing connection, schema up to date. Raises `DatabaseUnusable`."""
    try:
        tenancy = take(directory)
        try:
            migrating.upgrade(path_of(directory))
            connection = _connect(directory)
        except BaseException:
            tenancy.close()
            raise
        connection.tenancy = tenancy
        _identify(connection, wall_ms)
        return connection
    except (OSError, sqlite3.Error, migrating.UnknownSchema) as error:
        raise DatabaseUnusable(f"{path_of(directory)}: {error}") from error


def _connect(directory: Path) -> WritingConnection:
    connection = sqlite3.connect(
        path_of(directory),
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=WritingConnection,
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise DatabaseUnusable(f"{path_of(directory)}: the file system does not allow a write-ahead log")
    return connection


def open_reader(directory: Path) -> sqlite3.Connection:
    """A read-only connection; sees committed data only."""
    uri = f"{path_of(directory).absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _identify(connection: sqlite3.Connection, wall_ms: int) -> None:
    """Give a new box its node id and its first log."""
    if connection.execute("SELECT 1 FROM box").fetchone():
        return
    node_id, log_id = (uuid7(wall_ms, secrets.token_bytes(10)) for _ in range(2))
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO box VALUES (1, ?, ?, NULL, 0, NULL, NULL)", (node_id, log_id))
    connection.execute("INSERT INTO floor VALUES (1, 0, ?, 0, 0, 0, 0, 0)", (genesis(log_id),))
    connection.execute("INSERT INTO link VALUES (1, 0, ?, NULL, '')", (genesis(log_id),))
    connection.execute("COMMIT")


def read_box(connection: sqlite3.Connection) -> Box:
    """Whose journal this is."""
    query = "SELECT node_id, log_id, venue_id, epoch, cloud_url, fenced FROM box"
    row = connection.execute(query).fetchone()
    return Box(*row)


def read_link(connection: sqlite3.Connection) -> LinkCursor:
    """How much of it the cloud has."""
    query = "SELECT acked_seq, acked_hash, acked_ms, incarnation FROM link"
    return LinkCursor(*connection.execute(query).fetchone())


def read_commands_cursor(connection: sqlite3.Connection) -> int:
    """How far the box has taken the commands of the cloud: each is on disk before the next is looked at."""
    row = connection.execute("SELECT coalesce(max(seq), 0) FROM command_outcomes").fetchone()
    return int(row[0])


def bind(connection: sqlite3.Connection, venue_id: str, epoch: int, cloud_url: str | None) -> None:
    """Remember what the cloud answered to a claim, or under what id the box serves by itself.

    Only while no `Writer` runs on the connection.
    """
    connection.execute("UPDATE box SET venue_id = ?, epoch = ?, cloud_url = ?", (venue_id, epoch, cloud_url))


def read_head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Seq and chain hash of the log's last fact; the floor's when it has none of its own."""
    row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    floor = connection.execute("SELECT seq, hash FROM floor").fetchone()
    seq, chain_hash = row if row and row[0] > floor[0] else floor
    return seq, chain_hash


def read_floor(connection: sqlite3.Connection) -> Floor:
    """Where the log begins."""
    seq, chain_hash, *numbers = connection.execute(
        "SELECT seq, hash, item_id, order_number, ticket_number, receipt_number, z_number FROM floor"
    ).fetchone()
    return Floor(seq, chain_hash, Numbers(*numbers))


def read_charge(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Where this box's log began: the place in its predecessor's, and the hash. (0, b"") without one."""
    row = connection.execute("SELECT base_seq, base_hash FROM charge").fetchone()
    return (row[0], row[1]) if row else (0, b"")


def fence(connection: sqlite3.Connection, epoch: int) -> None:
    """The box of `epoch` has this one's place. Only while no `Writer` runs on the connection."""
    connection.execute("UPDATE box SET fenced = ?", (epoch,))
