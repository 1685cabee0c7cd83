"""What the link reads of the journal: dense runs of records, and the chain's hash at a place.

Rule of the file: read-only connections, any thread. Counterpart: `edge/adapters/cloud/link/`.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.journal.database import open_reader, read_floor

_RUN = "SELECT CAST(record AS BLOB), hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"


class NotKept(Exception):
    """The cloud asks for facts that this box no longer keeps, or never had."""


def read_run(
    reader: sqlite3.Connection, after_seq: int, count: int, most_bytes: int
) -> tuple[tuple[bytes, ...], bytes]:
    """Records after `after_seq`, one at least, and the chain hash after the last of them.

    Stops at `count` records or before `most_bytes` is passed. Raises `NotKept` below the floor.
    """
    if after_seq < read_floor(reader).seq:
        raise NotKept(f"this box keeps no facts from {after_seq + 1} on: its journal begins later")
    records: list[bytes] = []
    size_bytes, chain_hash = 0, b""
    for record, hash_after in reader.execute(_RUN, (after_seq, count)):
        size_bytes += len(record)
        if records and size_bytes > most_bytes:
            break
        records.append(record)
        chain_hash = hash_after
    return tuple(records), chain_hash


def hash_at(reader: sqlite3.Connection, seq: int) -> bytes | None:
    """The chain's hash after the fact `seq` of this box's own log; None where it has none."""
    floor = read_floor(reader)
    if seq <= floor.seq:
        return floor.hash if seq == floor.seq else None
    row = reader.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    return row[0] if row else None


class Outgoing:
    """Reads runs for one conversation, in a thread of its own.

    The thread also closes: SQLite closed under a read takes the whole process along, and a conversation may
    be over while its last read still runs.
    """

    def __init__(self, directory: Path) -> None:
        self._reader = open_reader(directory)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="link")

    async def read(self, after_seq: int, count: int, most_bytes: int) -> tuple[tuple[bytes, ...], bytes]:
        """See `read_run`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, read_run, self._reader, after_seq, count, most_bytes)

    def close(self) -> None:
        """Let go, after a read that may still run."""
        self._thread.submit(self._reader.close)
        self._thread.shutdown(wait=False)
