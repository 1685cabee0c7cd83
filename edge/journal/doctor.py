"""Is this box's data well? One finding a line, for `holdfast-edge doctor`.

Everything is looked at through read-only connections, so a box at work can be examined. A finding is `ok`,
`warn` (somebody should act soon) or `bad` (the data or the venue is in danger), in words that name a remedy.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from edge.journal import migrating
from edge.journal.database import (
    FILE_NAME,
    TENANCY_NAME,
    DatabaseUnusable,
    DirectoryTaken,
    open_reader,
    path_of,
    read_box,
    read_head,
    read_link,
    take,
)
from edge.journal.rebuild import rebuild

#: SQLite 3.7.0 to 3.51.2 can damage a database when two connections reset its WAL at once.
SAFE_SQLITE = (3, 51, 3)
MOST_WAL_BYTES = 128 * 1024 * 1024
#: A newest fact this far in the future is not a matter of rounding.
_MOST_AHEAD_S = 60
#: Per cent of the disk in use from which telemetry is dropped, and new business refused (core.md §7).
WARN_DISK, BAD_DISK = 80, 95


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    subject: str
    verdict: Literal["ok", "warn", "bad"]
    words: str


class Report(msgspec.Struct, frozen=True):
    """Everything that was looked at, in order."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is bad; warnings do not count."""
        return all(finding.verdict != "bad" for finding in self.findings)

    def lines(self) -> list[str]:
        """For a terminal: verdict, subject, words."""
        width = max((len(finding.subject) for finding in self.findings), default=0)
        return [f"{each.verdict:<4}  {each.subject:<{width}}  {each.words}" for each in self.findings]


Examination = Callable[[Path, sqlite3.Connection], Iterator[Finding]]


def doctor(directory: Path, *, thorough: bool = True) -> Report:
    """Examine a data directory. `thorough` also folds the whole journal anew and compares every row."""
    findings = [_sqlite(), *_disk(directory)]
    if not path_of(directory).exists():
        missing = Finding("database", "bad", f"there is none in {directory}; has this box ever run?")
        return Report((*findings, missing))
    examinations = (*_EXAMINATIONS, _tables) if thorough else _EXAMINATIONS
    try:
        reader = open_reader(directory)
        try:
            for examine in examinations:
                findings += examine(directory, reader)
        finally:
            reader.close()
    except (sqlite3.Error, DatabaseUnusable) as error:
        words = f"{path_of(directory)} cannot be read: {error}; restore a backup"
        findings.append(Finding("database", "bad", words))
    return Report(tuple(findings))


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return Finding("SQLite", "ok", f"version {version}")
    safe = ".".join(map(str, SAFE_SQLITE))
    words = (
        f"version {version}; before {safe} two connections that reset the write-ahead log at once can damage "
        "a database. The box is safe while it alone writes: never write to this file with another program"
    )
    return Finding("SQLite", "warn", words)


def _disk(directory: Path) -> Iterator[Finding]:
    if not directory.exists():
        yield Finding("disk", "bad", f"{directory} does not exist")
        return
    usage = shutil.disk_usage(directory)
    percent = round(100 * usage.used / usage.total)
    words = f"{percent} % in use, {_bytes(usage.free)} free"
    if percent >= BAD_DISK:
        yield Finding("disk", "bad", f"{words}; the box refuses new business: make room")
    elif percent >= WARN_DISK:
        yield Finding("disk", "warn", f"{words}; make room before {BAD_DISK} %")
    else:
        yield Finding("disk", "ok", words)


def _running(directory: Path, _reader: sqlite3.Connection) -> Iterator[Finding]:
    if not (directory / TENANCY_NAME).exists():
        yield Finding("box", "ok", "is not running")
        return
    try:
        take(directory).close()
    except DirectoryTaken:
        yield Finding("box", "ok", "is running: its process holds the data directory")
    else:
        yield Finding("box", "ok", "is not running")


def _identity(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    box = read_box(reader)
    if box.venue_id is None:
        yield Finding(
            "identity", "warn", f"node {box.node_id} is not claimed by a venue: `holdfast-edge claim`"
        )
    else:
        words = f"node {box.node_id} of venue {box.venue_id}, epoch {box.epoch}, log {box.log_id}"
        yield Finding("identity", "ok", words)


def _charge(directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    """Whether this box is the one in charge, and what former journals on it still have to tell."""
    box = read_box(reader)
    if box.fenced is not None:
        words = f"the box of epoch {box.fenced} has this one's place: it sells nothing and sends what it has"
        yield Finding("charge", "bad", f"{words}. Use the new box, or claim this one again with a new code")
    waiting = [path.parent for path in directory.glob(f"orphans/*/{FILE_NAME}")]
    for former in waiting:
        if not (former / "sent").exists():
            words = f"a former journal in {former} is not sent yet; the box sends it when it has internet"
            yield Finding("former journal", "warn", words)


def _clock(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    """Times are for people and never decide anything, but a report of 1970 helps nobody."""
    row = reader.execute(
        "SELECT record->>'$.wall_ms', record->>'$.clock_trusted' FROM journal ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return
    ahead_s = int(row[0]) // 1000 - int(time.time())
    if ahead_s > _MOST_AHEAD_S:
        words = f"the newest fact is {ahead_s // 60} min in the future: this machine's clock went back"
        yield Finding("clock", "warn", f"{words}; check its time server")
    elif not row[1]:
        words = "nobody had told the box the time when it wrote its newest fact; play time is counted anyhow"
        yield Finding("clock", "warn", f"{words}. Give it a network with a time server, or a clock battery")
    else:
        yield Finding("clock", "ok", "was set by somebody who knows when the newest fact was written")


def _schema(directory: Path, _reader: sqlite3.Connection) -> Iterator[Finding]:
    found = migrating.current(path_of(directory))
    if found == migrating.HEAD:
        yield Finding("schema", "ok", found)
    else:
        words = f"{found}, this release has {migrating.HEAD}; it is brought up to date when the box starts"
        yield Finding("schema", "warn", words)


def _wal(directory: Path, _reader: sqlite3.Connection) -> Iterator[Finding]:
    path = path_of(directory)
    wal = path.with_name(path.name + "-wal")
    size = wal.stat().st_size if wal.exists() else 0
    words = f"{_bytes(size)} beside a database of {_bytes(path.stat().st_size)}"
    if size > MOST_WAL_BYTES:
        yield Finding(
            "write-ahead log", "warn", f"{words}; a reader has been open for too long: restart the box"
        )
    else:
        yield Finding("write-ahead log", "ok", words)


def _journal(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    tail_seq, chain_hash = read_head(reader)
    yield Finding("journal", "ok", f"{tail_seq} facts, chain hash {chain_hash.hex()[:16]}…")


def _cloud(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    tail_seq, acked_seq = read_head(reader)[0], read_link(reader).acked_seq
    if acked_seq > tail_seq:
        words = f"has {acked_seq} facts, this box only {tail_seq}: the disk has lost data; replace the box"
        yield Finding("cloud", "bad", words)
    elif acked_seq == tail_seq:
        yield Finding("cloud", "ok", "has everything")
    else:
        yield Finding("cloud", "ok", f"has {acked_seq} facts; {tail_seq - acked_seq} are only on this disk")


def _open_tables(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    query = "SELECT table_name FROM table_sessions WHERE status = 'open' ORDER BY opened_ms"
    names = [name for (name,) in reader.execute(query)]
    yield Finding("open tables", "ok", ", ".join(names) or "none")


def _pages(_directory: Path, reader: sqlite3.Connection) -> Iterator[Finding]:
    found = [words for (words,) in reader.execute("PRAGMA integrity_check(5)")]
    if found == ["ok"]:
        yield Finding("pages", "ok", "integrity_check found nothing")
    else:
        yield Finding("pages", "bad", f"integrity_check: {'; '.join(found)}; restore a backup")
    orphans = reader.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        words = "; ".join(
            f"{table} refers to a missing row of {parent}" for table, _, parent, _ in orphans[:5]
        )
        yield Finding("references", "bad", f"{len(orphans)} broken: {words}")
    else:
        yield Finding("references", "ok", "foreign_key_check found nothing")


def _tables(directory: Path, _reader: sqlite3.Connection) -> Iterator[Finding]:
    rebuilt = rebuild(directory)
    for problem in rebuilt.problems:
        yield Finding("journal", "bad", problem)
    for difference in rebuilt.differences:
        yield Finding("tables", "bad", difference)
    untold = rebuilt.differing_rows - len(rebuilt.differences)
    if untold:
        yield Finding("tables", "bad", f"and {untold} rows more")
    if rebuilt.agrees:
        yield Finding(
            "tables", "ok", f"every row is what {rebuilt.facts} facts fold into; the hash chain is whole"
        )


_EXAMINATIONS: tuple[Examination, ...] = (
    _running,
    _identity,
    _charge,
    _clock,
    _schema,
    _wal,
    _journal,
    _cloud,
    _open_tables,
    _pages,
)


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
