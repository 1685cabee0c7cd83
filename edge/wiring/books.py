"""What a box keeps, opened in the order of trust: the file, what is in memory, the one writer, the readers.

A part of the composition root; `app.py` makes one, and most other parts are given it whole.
"""

import sqlite3
from pathlib import Path

import msgspec

from edge.adapters.machine.system_clock import SystemClock
from edge.journal import retention
from edge.journal.database import Box, open_reader, open_writer, read_box
from edge.journal.hot import Hot
from edge.journal.reading import Reading
from edge.journal.writer import Writer


class Books(msgspec.Struct, frozen=True):
    """`box` is who this is. `reader` belongs to the loop's thread, `reading` to whoever can wait."""

    directory: Path
    clock: SystemClock
    connection: sqlite3.Connection
    reader: sqlite3.Connection
    box: Box
    hot: Hot
    writer: Writer
    reading: Reading

    @classmethod
    def open(cls, directory: Path) -> "Books":
        """Raises `DatabaseUnusable`. The writer waits for somebody to run it."""
        clock = SystemClock()
        connection = open_writer(directory, clock().wall_ms)
        retention.tidy(connection, clock().wall_ms)
        reader = open_reader(directory)
        box, hot = read_box(connection), Hot(reader)
        writer = Writer(connection, hot, clock)
        writer.when_quiet(retention.Forgetting(clock))
        return cls(directory, clock, connection, reader, box, hot, writer, Reading(directory))

    def monotonic_s(self) -> float:
        """Seconds on a clock that nobody can set."""
        return self.clock().mono_ns / 1e9

    async def close(self) -> None:
        """After the writer has finished what it had."""
        await self.reading.close()
        self.reader.close()
        self.connection.close()
