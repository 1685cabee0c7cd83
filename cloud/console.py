"""How a command of `holdfast-cloud` comes to its database, and how it answers programs."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import msgspec

from cloud.config import Config
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool

T = TypeVar("T")


@asynccontextmanager
async def database(config: Config) -> AsyncIterator[str]:
    """The URL of the Postgres to use; an embedded one lives as long as the block unless it ran before."""
    if config.database_url is not None:
        yield config.database_url
        return
    server = EmbeddedPostgres(config.data)
    await asyncio.to_thread(server.start)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Run on uvloop where there is one."""
    # A backlog is thousands of long-lived facts at once; looking for cycles among them all the time costs a
    # fifth of the process and finds none.
    gc.set_threshold(50_000, 20, 50)
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


async def in_pool(config: Config, work: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
    """`work` against the migrated database."""
    async with database(config) as url:
        await migrate(url)
        async with open_pool(url, 2) as pool:
            return await work(pool)


def say_json(body: object) -> None:
    """One line."""
    print(msgspec.json.encode(body).decode(), flush=True)
