"""Jobs: how soon one begins after it was asked for, and how many rows an export writes in a second.

Limits beside them: a bare NOTIFY heard on another connection, and Postgres writing the same rows as CSV by
itself (`COPY … TO STDOUT`), without pages, parts, progress or a place to go on from.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.jobs.exporting import EXPORT, Export
from cloud.jobs.registry import Kind, Roster, Work
from cloud.jobs.worker import working
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.jobs import exports
from cloud.store.jobs.export_sets import Wanted
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool
from cloud.web.figures import Figures
from tests.bench.boxes import quantile
from tests.bench.rows import Row

ROWS = 200_000
ASKED = 400
_OWNER = "bench@holdfast.example"
_DAY = "2026-01-01"


class Asked(msgspec.Struct, frozen=True):
    """When it was asked for, on this process's monotonic clock."""

    at_s: float


async def measure() -> list[Row]:
    """One worker in this process, one Postgres beside it."""
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        server = EmbeddedPostgres(directory / "postgres")
        await asyncio.to_thread(server.start)
        try:
            await migrate(server.url)
            async with open_pool(server.url, 4) as pool:
                blobs = Blobs(f"file://{directory}/blobs")
                return [*await _waits(server.url, pool, blobs), await _export(server.url, pool, blobs)]
        finally:
            await asyncio.to_thread(server.stop)


async def _waits(url: str, pool: asyncpg.Pool, blobs: Blobs) -> list[Row]:
    waited: list[float] = []

    async def do(_work: Work, asked: Asked) -> None:
        waited.append(time.monotonic() - asked.at_s)

    kind: Kind[Any] = Kind(name="bench", body=Asked, do=do)
    async with working(Config(), url, blobs, Roster((kind,), ()), Figures()):
        for _ in range(ASKED):
            async with pool.acquire() as connection, connection.transaction():
                await kind.ask(connection, Asked(time.monotonic()), None)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(60):
            await _until(lambda: _all_begun(waited))
    heard = sorted(await _notes(url, pool))
    waited.sort()
    return [
        Row.latency(f"jobs: asked for → begun, p{place:.0%}".replace("%", ""), *pair)
        for place, pair in ((at, (quantile(waited, at), quantile(heard, at))) for at in (0.5, 0.99))
    ]


async def _notes(url: str, pool: asyncpg.Pool) -> list[float]:
    heard: list[float] = []
    async with _listening(url, heard):
        for _ in range(ASKED):
            await pool.execute("SELECT pg_notify('bench', $1)", str(time.monotonic()))
            await asyncio.sleep(0.005)
    return heard


@contextlib.asynccontextmanager
async def _listening(url: str, heard: list[float]) -> AsyncIterator[None]:
    connection = await asyncpg.connect(url)
    await connection.add_listener(
        "bench", lambda _c, _pid, _topic, note: heard.append(time.monotonic() - float(note))
    )
    yield
    await asyncio.sleep(0.1)
    await connection.close()


async def _export(url: str, pool: asyncpg.Pool, blobs: Blobs) -> Row:
    organisation_id = await founding.create_owner(pool, _OWNER, "a long pass phrase")
    venue = await founding.create_venue(pool, _OWNER, None, venue_file.load(sample("venue.json")))
    await pool.execute(
        "INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,"
        " total_minor, currency, special_instructions, status, attempts, placed_ms, version)"
        " SELECT $1, 'ORD-1-' || n, n, 's', 'T1', 'm', 'h', 1250, 'EUR', 'no onions', 'confirmed', 1,"
        " (extract(epoch FROM timestamptz '2026-01-01 12:00Z') * 1000)::bigint + n, 1"
        " FROM generate_series(1, $2) n",
        venue.venue_id,
        ROWS,
    )
    day = msgspec.convert(_DAY, type=Wanted.__annotations__["first"])
    wanted = Wanted(organisation_id, [venue.venue_id], day, day)
    export_id = str(uuid4())
    async with pool.acquire() as connection, connection.transaction():
        await exports.add(connection, export_id, wanted, "orders", "csv", "bench")
        await EXPORT.ask(connection, Export(export_id), organisation_id)
    began_s = time.monotonic()
    async with working(Config(), url, blobs, Roster((EXPORT,), ()), Figures()):
        await _until(lambda: _completed(pool))
        ours_s = time.monotonic() - began_s
    began_s = time.monotonic()
    async with pool.acquire() as connection:
        await connection.copy_from_query(
            "SELECT order_id, placed_ms, table_name, status, currency, total_minor, ticket,"
            " special_instructions FROM orders ORDER BY venue_id, placed_ms",
            output=_nowhere,
            format="csv",
        )
    limit_s = time.monotonic() - began_s
    return Row.ratio("jobs: rows exported", ROWS / ours_s, ROWS / limit_s, "rows/s", "each page")


async def _until(look: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await look():
            return
        await asyncio.sleep(0.01)


async def _all_begun(waited: list[float]) -> bool:
    return len(waited) == ASKED


async def _completed(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT state FROM exports") == "completed")


async def _nowhere(_chunk: bytes) -> None:
    """What Postgres says is thrown away."""
