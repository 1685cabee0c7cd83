"""What `doctor` and the replay of set-aside aggregates read and change: whole venues, fact by fact.

Rule of the file: reading is done in one repeatable transaction, so a cloud at work can be examined.
"""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from protocol.facts.fact import TableShape


class Log(msgspec.Struct, frozen=True):
    """One box's log as the cloud has it."""

    venue_id: str
    node_id: str
    log_id: str
    epoch: int
    base_seq: int
    base_hash: bytes | None
    durable_seq: int
    durable_hash: bytes
    in_charge: bool


class Aside(msgspec.Struct, frozen=True):
    """An aggregate that was set aside, and why."""

    venue_id: str
    aggregate: str
    reason: str


async def venues(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Ids and names of all venues."""
    rows = await connection.fetch("SELECT venue_id, name FROM venues ORDER BY name, venue_id")
    return [(str(row["venue_id"]), row["name"]) for row in rows]


async def logs(connection: asyncpg.Connection, venue_id: str) -> list[Log]:
    """The venue's logs in the order of their epochs."""
    rows = await connection.fetch(
        """
        SELECT n.*, n.epoch = v.epoch AS in_charge FROM nodes n JOIN venues v USING (venue_id)
        WHERE n.venue_id = $1 ORDER BY n.epoch
        """,
        venue_id,
    )
    return [
        Log(
            venue_id,
            str(row["node_id"]),
            str(row["log_id"]),
            row["epoch"],
            row["base_seq"],
            row["base_hash"],
            row["durable_seq"],
            row["durable_hash"],
            row["in_charge"],
        )
        for row in rows
    ]


async def records(
    connection: asyncpg.Connection, venue_id: str, log_id: str
) -> AsyncIterator[tuple[int, bytes, bytes, bool]]:
    """A log's facts: seq, record, hash, whether set aside. Within a transaction."""
    query = """
        SELECT seq, record, hash, set_aside FROM facts WHERE venue_id = $1 AND log_id = $2 ORDER BY seq
    """
    async for row in connection.cursor(query, venue_id, log_id, prefetch=2000):
        yield row["seq"], row["record"], row["hash"], row["set_aside"]


async def rows(
    connection: asyncpg.Connection, venue_id: str, shape: TableShape
) -> AsyncIterator[tuple[object, ...]]:
    """All rows of a folded table. Within a transaction."""
    query = f"SELECT {', '.join(shape.column_names)} FROM {shape.name} WHERE venue_id = $1"
    async for row in connection.cursor(query, venue_id, prefetch=2000):
        yield tuple(row)


async def orphan_logs(connection: asyncpg.Connection, venue_id: str) -> dict[str, int]:
    """Orphaned facts by log."""
    query = "SELECT log_id, count(*) AS facts FROM orphans WHERE venue_id = $1 GROUP BY log_id"
    return {str(row["log_id"]): row["facts"] for row in await connection.fetch(query, venue_id)}


async def aside(connection: asyncpg.Connection, venue_id: str | None = None) -> list[Aside]:
    """What is set aside, of one venue or of all."""
    rows_found = await connection.fetch(
        """
        SELECT venue_id, aggregate, reason FROM quarantine
        WHERE $1::uuid IS NULL OR venue_id = $1 ORDER BY venue_id, aggregate
        """,
        venue_id,
    )
    return [Aside(str(row["venue_id"]), row["aggregate"], row["reason"]) for row in rows_found]


async def history(connection: asyncpg.Connection, venue_id: str, aggregate: str) -> list[bytes]:
    """All facts of an aggregate in the order in which they were journalled, set aside or not."""
    query = "SELECT record FROM facts WHERE venue_id = $1 AND aggregate = $2 ORDER BY seq"
    return [row["record"] for row in await connection.fetch(query, venue_id, aggregate)]


async def hold(connection: asyncpg.Connection, venue_id: str) -> None:
    """Hold all links of a venue: whoever speaks finds itself superseded, and says hello again afterwards."""
    await connection.execute("UPDATE nodes SET connection = NULL WHERE venue_id = $1", venue_id)


async def take_back(connection: asyncpg.Connection, venue_id: str, aggregate: str) -> None:
    """The aggregate counts again. Raises one of `facts.UNFIT` when a version is there twice."""
    await connection.execute(
        "UPDATE facts SET set_aside = false WHERE venue_id = $1 AND aggregate = $2", venue_id, aggregate
    )
    await connection.execute(
        "DELETE FROM quarantine WHERE venue_id = $1 AND aggregate = $2", venue_id, aggregate
    )


async def standing(connection: asyncpg.Connection) -> dict[str, Any]:
    """Of the server itself: its version, and whether a commit waits for the disk."""
    names = ("server_version", "fsync", "full_page_writes", "synchronous_commit")
    return {name: await connection.fetchval("SELECT current_setting($1)", name) for name in names}
