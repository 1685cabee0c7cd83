"""Carries one job from begun to ended, whatever happens to it on the way.

Every way out is written into `jobs` first and told to PGQueuer afterwards. A process that dies in between
leaves a row that says what is still to do; PGQueuer hands the job to the next worker, and `begin` tells that
one whether anything is left of it.

    it returned                 done
    `Hopeless`, or out of tries failed; `gave_up` in the same transaction; the owner is told
    Postgres went away          queued, no attempt used up
    told to stop, cut off       queued for now, no attempt used up
    anything else               queued for later, with the reason
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import msgspec
import structlog
from pgqueuer.errors import RetryRequested

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Hopeless, Interrupted, Kind, Nothing, Work
from cloud.store.jobs import queue
from cloud.store.jobs.queue import Begun
from cloud.store.pool import GONE
from cloud.web.figures import Figures

#: The job's connection was taken away; it did nothing wrong.
_TAKEN_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
_AWAY_DELAY_S = 2.0
_ASK_AGAIN_S = 0.5
#: How long the end of a job is held on to while Postgres is away; a restart is shorter.
_HOLD_ON_S = 20.0
_DIED = "The worker died each time while it was at this."

log = structlog.get_logger()


class Round:
    """One connection's worth of work: it ends when the connection breaks or the worker is told to stop."""

    def __init__(self, ends: tuple[asyncio.Event, ...]) -> None:
        self.stopping = asyncio.Event()
        self._ends = ends

    def end(self) -> None:
        """Take nothing new; jobs may leave at their next pause."""
        self.stopping.set()
        for event in self._ends:
            event.set()


class Carrier:
    """Runs jobs; several at a time."""

    def __init__(self, config: Config, pool: asyncpg.Pool, blobs: Blobs, figures: Figures) -> None:
        self.pool = pool
        self._config = config
        self._blobs = blobs
        self._figures = figures
        self._limits: set[asyncio.Timeout] = set()
        self._cut = False

    async def ask(self, kind: Kind[Nothing]) -> None:
        """Have the house's own job done, unless it still is being done."""
        async with self.pool.acquire() as connection, connection.transaction():
            await kind.ask(connection, Nothing(), None, key="by itself")

    def cut_off(self) -> None:
        """End every job now."""
        self._cut = True
        for limit in self._limits:
            if not limit.expired():  # one whose time has just run out cannot be told again
                limit.reschedule(0)

    async def carry(self, kind: Kind[object], job_id: str, here: Round) -> None:
        """One run of one job. Raises `RetryRequested`, as PGQueuer wants it, where it is to be run again."""
        try:
            begun = await queue.begin(self.pool, job_id)
        except GONE as error:
            raise RetryRequested(timedelta(seconds=_AWAY_DELAY_S)) from error
        if begun is None:
            return
        if begun.attempts == 1:
            self._figures.job_wait_s.labels(kind.name).observe(begun.waited_s)
        work = Work(
            config=self._config,
            pool=self.pool,
            blobs=self._blobs,
            job_id=job_id,
            run=begun.run,
            attempt=begun.attempts,
            organisation_id=begun.organisation_id,
            stopping=here.stopping,
        )
        with structlog.contextvars.bound_contextvars(job=kind.name, job_id=job_id):
            await self._carry(kind, work, begun)

    async def _carry(self, kind: Kind[object], work: Work, begun: Begun) -> None:
        if begun.attempts > kind.attempts:
            await self._give_up(kind, work, begun.body, _DIED)
            return
        try:
            await self._do(kind, work, begun.body)
        except Interrupted:
            await self._again(work, delay_s=0, reason=None, counted=False)
        except _TAKEN_AWAY:
            await self._again(work, delay_s=_AWAY_DELAY_S, reason=None, counted=False)
        except Hopeless as error:
            await self._give_up(kind, work, begun.body, str(error))
        except Exception as error:
            # Postgres may be away without the job having said so in these words.
            if not await self._postgres_answers():
                await self._again(work, delay_s=_AWAY_DELAY_S, reason=None, counted=False)
                return
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            log.warning("job_failed", attempt=begun.attempts, error=reason)
            if begun.attempts >= kind.attempts:
                await self._give_up(kind, work, begun.body, reason)
                return
            await self._again(work, delay_s=kind.delay_s(begun.attempts), reason=reason, counted=True)
        else:
            await self._hold_on(lambda: queue.done(self.pool, work.job_id, work.run))
            self._figures.jobs.labels(kind.name, "done").inc()

    async def _do(self, kind: Kind[object], work: Work, body: str) -> None:
        try:
            what = kind.read(body)
        except msgspec.MsgspecError as error:
            raise Hopeless(f"What was asked for cannot be read: {error}") from error
        limit = asyncio.timeout(kind.longest_run_s)
        self._limits.add(limit)
        try:
            async with limit:
                if self._cut:
                    raise Interrupted
                await kind.do(work, what)
        except TimeoutError:
            if limit.expired() and self._cut:
                raise Interrupted from None
            raise
        finally:
            self._limits.discard(limit)

    async def _postgres_answers(self) -> bool:
        try:
            await self.pool.fetchval("SELECT 1", timeout=5)
        except GONE:
            return False
        return True

    async def _again(self, work: Work, *, delay_s: float, reason: str | None, counted: bool) -> None:
        async def write() -> bool:
            return await queue.again(
                self.pool, work.job_id, work.run, delay_s=delay_s, reason=reason, counted=counted
            )

        # Another worker has it by now: what that one's end is counts, and PGQueuer's row is that one's, too.
        if await self._hold_on(write):
            raise RetryRequested(timedelta(seconds=delay_s), reason)

    async def _give_up(self, kind: Kind[object], work: Work, body: str, reason: str) -> None:
        async def write() -> bool:
            async with self.pool.acquire() as connection, connection.transaction():
                ours = await queue.give_up(connection, work.job_id, work.run, reason)
                if ours and kind.gave_up is not None:
                    try:
                        await kind.gave_up(connection, work, kind.read(body), reason)
                    except msgspec.MsgspecError:
                        log.exception("job_unreadable")
                return ours

        log.error("job_given_up", reason=reason)
        await self._hold_on(write)
        self._figures.jobs.labels(kind.name, "failed").inc()

    async def _hold_on(self, write: Callable[[], Awaitable[bool]]) -> bool:
        """Write an end down, if need be once Postgres is back; whether it was ours to write."""
        async with asyncio.timeout(_HOLD_ON_S):
            while True:
                try:
                    return await write()
                except GONE:
                    await asyncio.sleep(_ASK_AGAIN_S)
