"""Data directories for the boxes of histories, and where they are: in memory, where there is some."""

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

import msgspec

from edge.journal.database import FILE_NAME, Box, open_writer
from protocol.facts.fact import genesis


def memory() -> Path | None:
    """A file system in memory, where there is one; disks of histories are many and short-lived."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() else None


def furnish(directory: Path, box: Box) -> None:
    """The data directory of a box. Migrations take long, so one is made and copied."""
    directory.mkdir()
    (directory / FILE_NAME).write_bytes(_template())
    connection = sqlite3.connect(directory / FILE_NAME)
    connection.execute("INSERT INTO box VALUES (1, ?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(box))
    connection.execute("INSERT INTO floor VALUES (1, 0, ?, 0, 0, 0, 0, 0)", (genesis(box.log_id),))
    connection.execute("INSERT INTO link VALUES (1, 0, ?, NULL, '')", (genesis(box.log_id),))
    connection.commit()
    connection.close()


@cache
def _template() -> bytes:
    """A migrated database that belongs to nobody, made once a process."""
    with tempfile.TemporaryDirectory(prefix="holdfast-template-", dir=memory()) as scratch:
        directory = Path(scratch)
        open_writer(directory, 0).close()
        connection = sqlite3.connect(directory / FILE_NAME)
        connection.executescript("DELETE FROM box; DELETE FROM link; DELETE FROM floor;")
        connection.close()
        return (directory / FILE_NAME).read_bytes()
