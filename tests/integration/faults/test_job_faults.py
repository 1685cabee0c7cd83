"""Postgres goes away under a worker and comes back: no job is lost, none has used up an attempt."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Kind, Roster, Work
from cloud.jobs.worker import working
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.pool import GONE, open_pool
from cloud.web.figures import Figures
from tests.integration.jobs.conftest import until

pytestmark = pytest.mark.xdist_group("faults")


class Task(msgspec.Struct, frozen=True):
    """What the jobs of this test are told."""

    number: int


async def test_postgres_stops_under_a_worker_and_comes_back(
    tmp_path: Path, database: str, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud.jobs.worker._LOOK_EVERY_S", 0.5)
    monkeypatch.setattr("cloud.store.jobs.queue._LOST_AFTER_S", 1)
    begun, gone = asyncio.Event(), asyncio.Event()
    done: set[int] = set()

    async def do(work: Work, task: Task) -> None:
        """The first ones are in the middle of it when Postgres stops."""
        begun.set()
        await gone.wait()
        await work.pool.execute("SELECT 1")
        done.add(task.number)

    kind: Kind[Any] = Kind(name="task", body=Task, do=do, attempts=3)
    config = Config(job_silent_s=1, drain_s=2)
    async with (
        open_pool(database, 2) as pool,
        working(config, database, Blobs(f"file://{tmp_path}"), Roster((kind,), ()), Figures()),
    ):
        async with pool.acquire() as connection, connection.transaction():
            for number in range(12):
                await kind.ask(connection, Task(number), None)
        await begun.wait()
        os.kill(postgres.pid, signal.SIGQUIT)
        await asyncio.to_thread(postgres.wait)
        gone.set()
        await asyncio.to_thread(postgres.start)
        await until(lambda: _ended(pool), within_s=90)
        assert done == set(range(12))
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE state = 'failed'") == 0


async def _ended(pool: asyncpg.Pool) -> bool:
    try:
        return not await pool.fetchval("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")
    except GONE:
        return False
