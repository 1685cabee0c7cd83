"""A real Postgres, workers in this process, and a mail server that does what a test has it do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Kind, Roster
from cloud.jobs.worker import Worker, working
from cloud.store.pool import open_pool
from cloud.web.figures import Figures
from tests.integration.cloud.conftest import (
    OWNER,
    PASSWORD,
    box,
    cloud,
    database,
    empty_database,
    http,
    postgres,
    sql,
    template,
    venue,
)

__all__ = [
    "OWNER",
    "PASSWORD",
    "box",
    "cloud",
    "database",
    "empty_database",
    "http",
    "postgres",
    "sql",
    "template",
    "venue",
]

#: Nobody is taken for dead who is only slow, so that runs and tries can be counted.
CONFIG = Config(port=0, drain_s=5, job_silent_s=60)
#: Where somebody dies or tries again: the shortest silence with which workers still look every half second.
QUICK = msgspec.structs.replace(CONFIG, job_silent_s=1)

Workers = Callable[..., AbstractAsyncContextManager[Worker]]


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lost jobs are looked for at once, so that no test has to wait for a minute."""
    monkeypatch.setattr("cloud.jobs.worker._LOOK_EVERY_S", 0.2)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """Whoever asks for jobs."""
    async with open_pool(database, 4) as pool:
        yield pool


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """A directory of this test's own."""
    return Blobs(f"file://{tmp_path}/blobs")


@pytest.fixture
def workers(database: str, blobs: Blobs) -> Workers:
    """`async with workers(kind, …):` is a worker that can do these, and nothing by itself."""

    def make(*kinds: Kind[object], config: Config = CONFIG) -> AbstractAsyncContextManager[Worker]:
        return working(config, database, blobs, Roster(kinds, ()), Figures())

    return make


async def until(look: Callable[[], Awaitable[object]], within_s: float = 60) -> None:
    """Wait for a condition in the database."""
    async with asyncio.timeout(within_s):
        while True:
            if await look():
                return
            await asyncio.sleep(0.02)
