"""Takes whole months of facts out of the database into files, and puts them back.

A month goes in one transaction: what has to stay is moved aside, the rest is written to a file, the file is
read back and compared, and only then is the month's table dropped and the file noted. Whatever goes wrong
before leaves the month where it was. Nothing writes to a month that is over, so nobody waits for any of this
but for the moment in which the table is taken off.

What stays: aggregates that are open or were touched since, of any age; those that never come to an end; the
newest fact of those whose newest fact tells all; all of stock, which is a sum; and whatever is set aside.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import msgspec
import zstandard

from cloud.store.link import snapshots
from cloud.store.months import sealing
from protocol.facts.fold import WHOLE

_WITHIN_S = 3600.0
_ROWS_A_LOAD = 5000
#: Everybody else waits as long as this does, so it gives up soon and is tried again.
_LOCK_WITHIN = "500ms"
_TRIES = 40
_COLUMNS = (
    *("venue_id", "log_id", "seq", "aggregate", "version", "type"),
    *("record", "hash", "set_aside", "received_at"),
)


class BadArchive(Exception):
    """The file is not what was written, or not an archive at all."""


class MonthIsBusy(Exception):
    """Somebody reads facts without end, a doctor perhaps; nothing was changed."""


class Heading(msgspec.Struct, frozen=True):
    """The first line of a file. Each further line is one fact as an array in the order of the columns."""

    holdfast: str
    month: date


class Archived(msgspec.Struct, frozen=True):
    """A month that was taken out. `kept` facts of it stayed in the database."""

    month: date
    file: str
    facts: int
    kept: int


_Line = tuple[str, str, int, str, int, str, bytes, bytes, bool, datetime]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


def due(months: list[date], keep_months: int, today: date) -> list[date]:
    """Those months of which every day is longer ago than `keep_months` whole months."""
    first = today.replace(day=1)
    for _ in range(keep_months):
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return [month for month in months if month < first]


async def archive(pool: asyncpg.Pool, month: date, directory: Path) -> Archived:
    """Take one month out into a file in `directory`. Raises `MonthIsBusy`, or `OSError` for a full disk."""
    for _ in range(_TRIES):
        try:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = 0")
                return await _archive(connection, month, directory)
        except asyncpg.LockNotAvailableError:
            continue
    raise MonthIsBusy(f"{month:%Y-%m}: somebody reads facts without end; try again later.")


async def _archive(connection: asyncpg.Connection, month: date, directory: Path) -> Archived:
    table = sealing.table_of(month)
    await connection.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
    kept = await _keep(connection, month, table)
    path = directory / f"{table}.jsonl.zst"
    facts = await _write(connection, month, table, path)
    await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_WITHIN}'")
    await connection.execute("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE")
    await connection.execute(
        "INSERT INTO archives (month, file, sha256, facts) VALUES ($1, $2, $3, $4)",
        month,
        path.name,
        _digest(path),
        facts,
    )
    await connection.execute(
        f"""
        INSERT INTO archived_logs (venue_id, log_id, month, facts)
        SELECT venue_id, log_id, $1, count(*) FROM {table} GROUP BY venue_id, log_id
        """,
        month,
    )
    await connection.execute(f"ALTER TABLE facts DETACH PARTITION {table}")
    await connection.execute(f"DROP TABLE {table}")
    return Archived(month, str(path), facts, kept)


async def _keep(connection: asyncpg.Connection, month: date, table: str) -> int:
    """Move what has to stay; how many facts that is."""
    end = datetime.combine(sealing.next_month(month), datetime.min.time(), UTC)
    days = (datetime.now(UTC) - end).days + 1  # rounded so that a part of a day stays rather than goes
    kept = 0
    for row in await connection.fetch(f"SELECT DISTINCT venue_id FROM {table}", timeout=_WITHIN_S):
        await snapshots.note_wanted(connection, row["venue_id"], days)
        status = await connection.execute(
            """
            UPDATE facts f SET month = '-infinity'
            WHERE f.venue_id = $1 AND f.month = $2 AND (
                f.set_aside
                OR split_part(f.aggregate, ':', 1) = 'stock'
                OR CASE WHEN split_part(f.aggregate, ':', 1) = ANY($3)
                    THEN NOT EXISTS (
                        SELECT FROM facts g WHERE g.venue_id = f.venue_id AND g.aggregate = f.aggregate
                            AND g.version > f.version AND NOT g.set_aside
                    )
                    ELSE f.aggregate IN (SELECT aggregate FROM wanted)
                END
            )
            """,
            row["venue_id"],
            month,
            sorted(WHOLE),
            timeout=_WITHIN_S,
        )
        kept += int(status.rpartition(" ")[2])
        await connection.execute("DROP TABLE wanted")
    return kept


async def _write(connection: asyncpg.Connection, month: date, table: str, path: Path) -> int:
    """Write the file, on disk for good, and read it back; how many facts are in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    facts, written = 0, hashlib.sha256()
    query = f"SELECT {', '.join(_COLUMNS)} FROM {table} ORDER BY venue_id, log_id, seq"
    with scratch.open("wb") as file:
        with zstandard.ZstdCompressor(level=6).stream_writer(file, closefd=False) as packed:
            packed.write(_encode(Heading("facts", month)) + b"\n")
            async for row in connection.cursor(query, prefetch=_ROWS_A_LOAD, timeout=_WITHIN_S):
                line = _encode(tuple(row)) + b"\n"
                written.update(line)
                packed.write(line)
                facts += 1
        os.fsync(file.fileno())
    read = hashlib.sha256()
    for line in _lines(scratch)[1]:
        read.update(line)
    if read.digest() != written.digest():
        raise BadArchive(f"{scratch} does not hold what was written to it.")
    scratch.replace(path)
    return facts


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _lines(path: Path) -> tuple[Heading, Iterator[bytes]]:
    """Heading and lines of a file. Raises `BadArchive`, the lines while they are read, too."""

    def read() -> Iterator[bytes]:
        try:
            with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as unpacked:
                rest = b""
                while piece := unpacked.read(1 << 20):
                    *whole, rest = (rest + piece).split(b"\n")
                    yield from (line + b"\n" for line in whole)
        except zstandard.ZstdError as error:
            raise BadArchive(f"{path} is damaged: {error}") from error

    lines = read()
    try:
        heading = msgspec.json.decode(next(lines, b""), type=Heading)
    except msgspec.MsgspecError as error:
        raise BadArchive(f"{path} is no archive of facts.") from error
    return heading, lines


async def unarchive(pool: asyncpg.Pool, path: Path) -> tuple[date, int]:
    """Put a month back. Raises `BadArchive` when the file is not the one that was noted."""
    heading, lines = _lines(path)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        noted = await connection.fetchrow(
            "SELECT sha256, facts FROM archives WHERE month = $1 FOR UPDATE", heading.month
        )
        if noted is None or noted["sha256"] != _digest(path):
            raise BadArchive(f"{path} is not the archive of {heading.month:%Y-%m} that was taken out.")
        await sealing.add_month(connection, heading.month)
        facts = 0
        batch: list[_Line] = []
        for line in lines:
            batch.append(_decode(line))
            if len(batch) == _ROWS_A_LOAD:
                facts += await _load(connection, heading.month, batch)
                batch = []
        facts += await _load(connection, heading.month, batch)
        await connection.execute("DELETE FROM archives WHERE month = $1", heading.month)
    return heading.month, facts


async def _load(connection: asyncpg.Connection, month: date, batch: list[_Line]) -> int:
    table = sealing.table_of(month)
    records = [(*line, month) for line in batch]
    await connection.copy_records_to_table(
        table, records=records, columns=(*_COLUMNS, "month"), timeout=_WITHIN_S
    )
    return len(records)


async def gone(connection: asyncpg.Connection, venue_id: str) -> dict[str, int]:
    """How many facts of each log of a venue are in archives."""
    rows = await connection.fetch(
        """
        SELECT log_id, sum(facts)::bigint AS facts FROM archived_logs WHERE venue_id = $1 GROUP BY log_id
        """,
        venue_id,
    )
    return {str(row["log_id"]): row["facts"] for row in rows}
