"""Taking the journal to safety, and putting it back.

A backup is one ordinary SQLite file, made with SQLite's online backup while the box is at work, checked
before it gets its name. Restoring needs the box to be stopped, verifies the backup first, refuses to throw
away facts that nobody else has, and moves what was there aside instead of deleting it. Keys and secrets are
not part of a backup: whoever finds one can read the venue's orders, but cannot be the box.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from edge.journal import migrating
from edge.journal.database import (
    give_to_owner,
    open_reader,
    path_of,
    read_box,
    read_floor,
    read_head,
    read_link,
    take,
)
from protocol.facts.fact import chain


class BackupRefused(Exception):
    """It was not done, and nothing was changed; the text says why and what to do."""


class BackedUp(msgspec.Struct, frozen=True):
    """A backup that was made: its file, and how far its journal goes."""

    path: Path
    size_bytes: int
    log_id: str
    tail_seq: int


class Restored(msgspec.Struct, frozen=True):
    """What stands there now. `aside` is where the former database went, None if there was none.

    `lost_facts` were in the former database and are in nobody else's; more than 0 only when forced, None when
    that database could not be read. `missing_facts` are those the cloud is known to have and the backup has
    not: the link will not carry on from there, the owner has to replace the box first (sync.md, Rewinds).
    """

    log_id: str
    tail_seq: int
    lost_facts: int | None
    missing_facts: int
    aside: Path | None


class _Present(msgspec.Struct, frozen=True):
    """What is known of the database that is to be replaced."""

    lost_facts: int | None = 0
    acked_seq: int = 0


def backup(directory: Path, target: Path) -> BackedUp:
    """Copy the journal of a box, at work or not, to `target`. Raises `BackupRefused` or `sqlite3.Error`."""
    if not path_of(directory).exists():
        raise BackupRefused(f"there is no journal in {directory}")
    if target.exists():
        raise BackupRefused(f"{target} is already there; name another file")
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        _copy(path_of(directory), partial)
        log_id, tail_seq = _verified(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    sync_directory(target.parent)
    return BackedUp(target, target.stat().st_size, log_id, tail_seq)


def restore(source: Path, directory: Path, *, force: bool = False) -> Restored:
    """Put a backup into a data directory whose box is stopped.

    Raises `BackupRefused` when the backup is damaged or facts would be lost (unless `force`), and
    `DirectoryTaken` while the box runs.
    """
    if not source.is_file():
        raise BackupRefused(f"there is no backup at {source}")
    tenancy = take(directory)
    try:
        return _restore(source, directory, force)
    finally:
        tenancy.close()


def _restore(source: Path, directory: Path, force: bool) -> Restored:
    partial = directory / "journal.restoring"
    partial.unlink(missing_ok=True)
    try:
        _copy(source, partial)
        log_id, tail_seq = _verified(partial)
        present = _present(directory, partial)
        if present.lost_facts != 0 and not force:
            raise BackupRefused(_loss(directory, present.lost_facts))
        aside = set_aside(path_of(directory))
        give_to_owner(partial)
        partial.replace(path_of(directory))
    finally:
        partial.unlink(missing_ok=True)
    sync_directory(directory)
    missing_facts = max(0, present.acked_seq - tail_seq)
    return Restored(log_id, tail_seq, present.lost_facts, missing_facts, aside)


def _loss(directory: Path, lost_facts: int | None) -> str:
    if lost_facts is None:
        return (
            f"the journal in {directory} cannot be read, so what would be lost is unknown; force it to go on"
        )
    return (
        f"{lost_facts} facts in {directory} are neither in the backup nor in the cloud; "
        "let the box sync first, or force it and lose them"
    )


def _copy(source: Path, target: Path) -> None:
    """A whole copy in one file, on the disk."""
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    try:
        target.touch(mode=0o600)
        writing = sqlite3.connect(target, isolation_level=None)
        try:
            writing.execute("PRAGMA synchronous=FULL")
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE")
        finally:
            writing.close()
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"{source} cannot be copied: {error}") from error
    finally:
        reading.close()
    with target.open("rb") as copied:
        os.fsync(copied.fileno())


def _verified(path: Path) -> tuple[str, int]:
    """Log id and tail of a database whose pages and hash chain are whole. Raises `BackupRefused`."""
    try:
        revision = migrating.current(path)
        if revision is None or revision > migrating.HEAD:
            raise BackupRefused(f"{path} is no journal that this release can read (schema {revision})")
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BackupRefused(f"{path} is damaged: {verdict}")
            return _chained(connection, path)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"{path} cannot be read: {error}") from error


def _chained(connection: sqlite3.Connection, path: Path) -> tuple[str, int]:
    log_id, floor = read_box(connection).log_id, read_floor(connection)
    chain_hash, seq = floor.hash, floor.seq
    own = "SELECT seq, record, hash FROM journal WHERE seq > ? ORDER BY seq"
    for seq_here, record, stored in connection.execute(own, (floor.seq,)):
        chain_hash = chain(chain_hash, record.encode())
        if seq_here != seq + 1 or chain_hash != stored:
            raise BackupRefused(f"{path} is damaged: the hash chain breaks at fact {seq_here}")
        seq = seq_here
    return log_id, seq


def _present(directory: Path, replacement: Path) -> _Present:
    """What the present database has that neither the cloud nor the replacement has."""
    if not path_of(directory).exists():
        return _Present()
    try:
        present = open_reader(directory)
        try:
            tail_seq, _ = read_head(present)
            acked_seq = read_link(present).acked_seq
            common_seq = _common(present, replacement)
            return _Present(max(0, tail_seq - max(acked_seq, common_seq)), acked_seq)
        finally:
            present.close()
    except sqlite3.DatabaseError:
        return _Present(None)


def _common(present: sqlite3.Connection, replacement: Path) -> int:
    """The last seq up to which both journals are the same; 0 when they parted or are of different logs."""
    other = sqlite3.connect(f"{replacement.absolute().as_uri()}?mode=ro", uri=True)
    try:
        seq = min(read_head(present)[0], read_head(other)[0])
        query = "SELECT hash FROM journal WHERE seq = ?"
        same = present.execute(query, (seq,)).fetchone() == other.execute(query, (seq,)).fetchone()
        return seq if same and read_box(present).log_id == read_box(other).log_id else 0
    finally:
        other.close()


def set_aside(path: Path) -> Path | None:
    """Give the present database a second name, its write-ahead log folded in.

    The first name stays until the replacement takes it over, so a power cut leaves one of the two there. A
    log that was left beside the replacement would be played into it.
    """
    if not path.exists():
        return None
    names = (path.with_name(f"{path.name}.replaced-{number}") for number in range(1, 10_000))
    aside = next(name for name in names if not name.exists())
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    aside.hardlink_to(path)
    for ending in ("-wal", "-shm"):
        left = path.with_name(path.name + ending)
        if left.exists():
            left.replace(aside.with_name(aside.name + ending))
    return aside


def sync_directory(directory: Path) -> None:
    """Make a rename last (fsync(2): the directory has to be synced as well)."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
