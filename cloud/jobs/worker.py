"""A worker: takes jobs out of Postgres until it is told to stop, then lets go of them in good order.

PGQueuer finds due jobs (woken by NOTIFY, and by looking), keeps each with one worker through a heartbeat,
and gives a dead worker's to another after `job_silent_s`. Everything it asks goes over one connection: when
that breaks, the round is over, jobs stop where they may be left, and a new round begins once Postgres is
back. What a round may have lost on its way is found again by `queue.find_lost`.

Told to stop, a worker takes nothing new, asks long jobs to pause and waits `drain_s`; what is left then is
cut off. Neither costs the job an attempt, and another worker goes on with it at once.

Counterparts: `carrying.py` does one job, `registry.py` says what a job is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.models import Job, Schedule
from pgqueuer.queries import Queries

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.jobs.carrying import Carrier, Round
from cloud.jobs.registry import Kind, Nothing, Roster
from cloud.store.jobs import queue
from cloud.store.pool import GONE, SERVER_SETTINGS, open_pool
from cloud.web.figures import Figures

_AGAIN_AFTER_S = 0.5
_LOOK_EVERY_S = 15.0
#: Besides what jobs need: one connection to begin and end them with.
_CONNECTIONS_OVER = 2

log = structlog.get_logger()


@asynccontextmanager
async def working(
    config: Config, url: str, blobs: Blobs, roster: Roster, figures: Figures
) -> AsyncIterator["Worker"]:
    """A worker that works while the block lasts and drains at its end."""
    async with open_pool(url, config.jobs_at_once + _CONNECTIONS_OVER) as pool:
        worker = Worker(config, url, Carrier(config, pool, blobs, figures), roster)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(worker.run())
            figures.working.set(1)
            try:
                yield worker
            finally:
                figures.working.set(0)
                await worker.drain(running)


class Worker:
    """One process's worth of work."""

    def __init__(self, config: Config, url: str, carrier: Carrier, roster: Roster) -> None:
        self._config = config
        self._url = url
        self._carrier = carrier
        self._roster = roster
        self._round: Round | None = None
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Rounds, until `drain`; outlives every outage of Postgres."""
        while not self._stop.is_set():
            try:
                await self._one_round()
            except* (*GONE, FailingListenerError) as group:
                log.warning("worker_round_over", errors=[str(error) for error in group.exceptions])
            except* Exception:
                # Whatever it is, boxes and owners are still to be served by this process.
                log.exception("worker_round_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_AFTER_S):
                    await self._stop.wait()

    async def drain(self, running: "asyncio.Task[None]") -> None:
        """Take nothing new; wait for what runs, for `drain_s` at most."""
        self._stop.set()
        if self._round is not None:
            self._round.end()
        _, left = await asyncio.wait({running}, timeout=self._config.drain_s)
        if left:
            self._carrier.cut_off()
            _, left = await asyncio.wait({running}, timeout=self._config.drain_s)
        for task in left:
            task.cancel()

    async def _one_round(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=10, server_settings=SERVER_SETTINGS)
        queries = Queries.from_asyncpg_connection(connection)
        jobs, clock = QueueManager(queries), SchedulerManager(queries)
        self._round = here = Round((jobs.shutdown, clock.shutdown))
        connection.add_termination_listener(lambda _connection: here.end())
        if self._stop.is_set():
            here.end()
        for kind in self._roster.kinds:
            self._register(jobs, kind, here)
        for each in self._roster.schedules:
            self._plan(clock, each.cron, each.kind)
        try:
            async with asyncio.TaskGroup() as tasks:
                looking = tasks.create_task(self._look_for_lost())
                tasks.create_task(clock.run())
                try:
                    await self._take_jobs(jobs)
                finally:
                    here.end()
                    looking.cancel()
        finally:
            connection.terminate()

    async def _take_jobs(self, jobs: QueueManager) -> None:
        silent = timedelta(seconds=self._config.job_silent_s)
        # Two of PGQueuer's rules: a batch is half of what may run at most, and heartbeats come at half time.
        batch = max(self._config.jobs_at_once // 2, 1)
        await jobs.run(
            dequeue_timeout=silent / 2,
            batch_size=batch,
            max_concurrent_tasks=2 * batch,
            shutdown_on_listener_failure=True,
            heartbeat_timeout=silent,
            log_aggregation_interval=timedelta(0),
        )

    def _register(self, jobs: QueueManager, kind: Kind[object], here: Round) -> None:
        async def carry(job: Job) -> None:
            await self._carrier.carry(kind, (job.payload or b"").decode(), here)

        jobs.entrypoint(kind.name, concurrency_limit=kind.at_once)(carry)

    def _plan(self, clock: SchedulerManager, cron: str, kind: Kind[Nothing]) -> None:
        async def ask(_schedule: Schedule) -> None:
            await self._carrier.ask(kind)

        clock.schedule(kind.name, cron)(ask)

    async def _look_for_lost(self) -> None:
        while True:
            found = await queue.find_lost(self._carrier.pool)
            if found:
                log.warning("jobs_found_again", count=found)
            await asyncio.sleep(_LOOK_EVERY_S)
