"""The box's disk: the writer's real SQLite connection, and all that can happen between it and the platter.

`Disk` stands where the connection stands. It passes every statement on, makes commits take time, fail or be
the last thing that happens, and tells the journal's witness what has been committed. `picture` copies the
files as a kill leaves them; after a power cut, of what was written since the last sync any part may be there
or not, sector by sector.

SQLite itself is asked how durable a commit is: if it were opened with less than `synchronous=FULL`, a power
cut here would take whole commits along.
"""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from edge.journal.database import FILE_NAME
from tests.simulation.fate import Moment

_SECTOR_BYTES = 512
_WAL_HEADER_BYTES = 32
#: `PRAGMA synchronous` from which on every commit is on the platter before it is over.
_FULL = 2

#: Contents of the database files by name.
Files = dict[str, bytes]
#: Rows on their way into the journal: seq, record, chain hash.
JournalRows = list[tuple[int, bytes, bytes]]


class Weather(msgspec.Struct):
    """How the disk is doing; changed by trouble, looked at by every commit."""

    latency_s: float = 0.0004
    full: bool = False
    #: Odds that a commit fails although the disk is not full.
    failing: float = 0.0


class Disk:
    """The writing connection with a disk under it. `committed` gets the journal's new rows after a commit."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        directory: Path,
        weather: Weather,
        dice: random.Random,
        moment: "Moment",
        committed: Callable[[JournalRows], None],
    ) -> None:
        self._connection = connection
        self._directory = directory
        self._weather = weather
        self._dice = dice
        self._moment = moment
        self._committed = committed
        #: Rows of the journal that the latest transaction brought or would have brought.
        self.rows: JournalRows = []
        self._syncs = connection.execute("PRAGMA synchronous").fetchone()[0] >= _FULL
        #: What is on the platter for certain, where that is less than what is in the files.
        self._certain: Files | None = None if self._syncs else self._files()

    @property
    def in_transaction(self) -> bool:
        """See `sqlite3.Connection`."""
        return self._connection.in_transaction

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """See `sqlite3.Connection`; commits and checkpoints have adventures."""
        if statement == "COMMIT":
            self._commit()
            return self._connection.cursor()
        if statement.startswith("PRAGMA wal_checkpoint"):
            self._checkpoint(statement)
            return self._connection.execute("SELECT 0, 0, 0")
        if statement == "BEGIN IMMEDIATE":
            self.rows = []
        elif statement.startswith(("UPDATE", "PRAGMA user_version =")):
            self._refuse_if_full()
        return self._connection.execute(statement, *values)

    def executemany(self, statement: str, rows: Any) -> sqlite3.Cursor:
        """See `sqlite3.Connection`."""
        self._refuse_if_full()
        if statement.startswith("INSERT INTO journal"):
            self.rows = [(row[0], row[-2].encode(), row[-1]) for row in rows]
        return self._connection.executemany(statement, rows)

    def _refuse_if_full(self) -> None:
        if self._weather.full:
            raise sqlite3.OperationalError("database or disk is full")

    def _commit(self) -> None:
        self._moment.pass_by("box.commit.before")
        self._refuse_if_full()
        if self._weather.failing and self._dice.random() < self._weather.failing:
            raise sqlite3.OperationalError("disk I/O error")
        self._moment.loop.stall(self._dice.uniform(0.5, 1.5) * self._weather.latency_s)
        self._write("box.commit.within", "COMMIT")
        self._committed(self.rows)
        self._moment.pass_by("box.commit.after")

    def _checkpoint(self, statement: str) -> None:
        if self._weather.full:
            return
        self._write("box.checkpoint.within", statement)
        if not self._syncs:
            self._certain = self._files()

    def _write(self, point: str, statement: str) -> None:
        """Write; whoever is struck at this point is struck before the disk was through."""
        if not self._moment.due(point):
            self._connection.execute(statement).fetchall()
            return
        certain, self._certain = self._certain, self._certain or self._files()
        self._connection.execute(statement).fetchall()
        self._moment.strike(point)
        self._certain = certain

    # ── what a crash leaves ──────────────────────────────────────────────────────────────────────

    def picture(self, target: Path, *, power: bool) -> None:
        """Put into `target` what the disk holds now; after a loss of power any part of what is uncertain."""
        files = self._files()
        if self._certain is not None:
            files = self._torn(self._certain, files) if power else self._dice.choice((self._certain, files))
        target.mkdir()
        for name, content in files.items():
            (target / name).write_bytes(content)

    def _files(self) -> Files:
        paths = (self._directory / name for name in (FILE_NAME, FILE_NAME + "-wal"))
        return {path.name: path.read_bytes() for path in paths if path.exists()}

    def _torn(self, before: Files, after: Files) -> Files:
        """Sector by sector as it was or as it should be; a file that grew may end anywhere in between."""
        odds = self._dice.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        torn = {}
        for name, wanted in after.items():
            old = before.get(name, b"")
            content = bytearray(wanted)
            for at in range(0, len(wanted), _SECTOR_BYTES):
                end = at + _SECTOR_BYTES
                if wanted[at:end] != old[at:end] and self._dice.random() < odds:
                    content[at:end] = old[at:end].ljust(len(wanted[at:end]), b"\0")
            if name.endswith("-wal"):
                # A new log has its header synced before any frame: https://sqlite.org/src/info/ff5be73dee
                content[:_WAL_HEADER_BYTES] = wanted[:_WAL_HEADER_BYTES]
            ends = range(min(len(old), len(wanted)), len(wanted) + 1, _SECTOR_BYTES)
            torn[name] = bytes(content[: self._dice.choice(ends)] if odds else content)
        return torn
