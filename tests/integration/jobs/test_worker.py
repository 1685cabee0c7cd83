"""Jobs are asked for with their cause, done at least once by one worker at a time, and end in words."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from cloud.jobs.registry import Hopeless, Kind, Work
from cloud.store.jobs import queue
from tests.integration.jobs.conftest import CONFIG, QUICK, Workers, until

ORGANISATION = str(uuid4())


class Step(msgspec.Struct, frozen=True):
    """What the jobs of these tests are told."""

    name: str


class Diary:
    """A kind of job that writes down what it is given and does what the test says."""

    def __init__(self, **more: Any) -> None:
        self.done: list[tuple[str, int]] = []
        self.given_up: list[tuple[str, str]] = []
        self.fails: list[Exception] = []
        self.kind: Kind[Any] = Kind(
            name="step", body=Step, do=self._do, gave_up=self._gave_up, first_delay_s=0.05, **more
        )

    async def _do(self, work: Work, step: Step) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.done.append((step.name, work.attempt))

    async def _gave_up(self, connection: asyncpg.Connection, work: Work, step: Step, reason: str) -> None:
        assert await connection.fetchval("SELECT state FROM jobs WHERE job_id = $1", work.job_id) == "failed"
        self.given_up.append((step.name, reason))


async def ask(pool: asyncpg.Pool, diary: Diary, name: str = "a", **more: Any) -> str:
    async with pool.acquire() as connection, connection.transaction():
        return await diary.kind.ask(connection, Step(name), ORGANISATION, **more)


async def state_of(pool: asyncpg.Pool, job_id: str) -> str:
    state: str = await pool.fetchval("SELECT state FROM jobs WHERE job_id = $1", job_id)
    return state


async def ended(pool: asyncpg.Pool) -> bool:
    return not await pool.fetchval("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")


async def test_what_is_rolled_back_is_never_done(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await diary.kind.ask(connection, Step("never"), ORGANISATION)
        await transaction.rollback()
    await ask(pool, diary, "done")
    async with workers(diary.kind):
        await until(lambda: ended(pool))
    assert diary.done == [("done", 1)]
    assert await pool.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_one_key_is_wanted_once_at_a_time(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary()
    first = await ask(pool, diary, "a", key="k")
    assert await ask(pool, diary, "b", key="k") == first
    async with workers(diary.kind):
        await until(lambda: ended(pool))
        assert await ask(pool, diary, "c", key="k") != first
        await until(lambda: ended(pool))
    assert [name for name, _ in diary.done] == ["a", "c"]


async def test_a_failure_is_tried_again_later(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary()
    diary.fails = [RuntimeError("no"), OSError("still no")]
    job_id = await ask(pool, diary)
    async with workers(diary.kind, config=QUICK):
        await until(lambda: ended(pool))
    assert diary.done == [("a", 3)]
    assert await state_of(pool, job_id) == "done"


async def test_after_the_last_attempt_somebody_is_told(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary(attempts=2)
    diary.fails = [RuntimeError("no"), RuntimeError("no \0 again"), RuntimeError("never asked")]
    await ask(pool, diary)
    async with workers(diary.kind, config=QUICK):
        await until(lambda: ended(pool))
    assert diary.given_up == [("a", "RuntimeError: no \0 again")]
    async with pool.acquire() as connection:
        (failed,) = await queue.failed(connection, ORGANISATION, 10)
    assert (failed.kind, failed.reason, failed.attempts) == ("step", "RuntimeError: no  again", 2)


@pytest.mark.parametrize("hopeless", [Hopeless("there is no such design")])
async def test_what_is_hopeless_is_not_tried_again(
    pool: asyncpg.Pool, workers: Workers, hopeless: Exception
) -> None:
    diary = Diary()
    diary.fails = [hopeless]
    await ask(pool, diary)
    async with workers(diary.kind):
        await until(lambda: ended(pool))
    assert diary.given_up == [("a", "there is no such design")]
    assert diary.done == []


async def test_two_workers_share_and_never_both_do_one(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary()
    names = [f"{number}" for number in range(60)]
    async with workers(diary.kind), workers(diary.kind):
        for name in names:
            await ask(pool, diary, name)
        await until(lambda: ended(pool))
    assert sorted(diary.done) == sorted((name, 1) for name in names)


async def test_a_worker_that_stops_leaves_its_job_to_another(pool: asyncpg.Pool, workers: Workers) -> None:
    """Told to stop it pauses; the other goes on at once, and no attempt was used up."""
    begun, runs = asyncio.Event(), []

    async def do(work: Work, _step: Step) -> None:
        runs.append((work.run, work.attempt))
        begun.set()
        while len(runs) == 1:
            work.pause()
            await asyncio.sleep(0.01)

    kind: Kind[Any] = Kind(name="step", body=Step, do=do)
    diary = Diary()
    diary.kind = kind
    await ask(pool, diary)
    async with workers(kind):
        await begun.wait()
    async with workers(kind):
        await until(lambda: ended(pool))
    assert runs == [(1, 1), (2, 1)]


async def test_a_job_that_does_not_pause_is_cut_off(pool: asyncpg.Pool, workers: Workers) -> None:
    begun, runs = asyncio.Event(), []

    async def do(work: Work, _step: Step) -> None:
        runs.append(work.attempt)
        begun.set()
        if len(runs) == 1:
            await asyncio.Event().wait()

    kind: Kind[Any] = Kind(name="step", body=Step, do=do)
    diary = Diary()
    diary.kind = kind
    job_id = await ask(pool, diary)
    async with workers(kind, config=msgspec.structs.replace(CONFIG, drain_s=0.2)):
        await begun.wait()
    assert await state_of(pool, job_id) == "queued"
    async with workers(kind):
        await until(lambda: ended(pool))
    assert runs == [1, 1]


async def test_an_earlier_run_cannot_end_a_job(pool: asyncpg.Pool) -> None:
    """A worker that was thought dead and comes back finds that its word counts no more."""
    job_id = await ask(pool, Diary())
    first = await queue.begin(pool, job_id)
    second = await queue.begin(pool, job_id)
    assert first is not None
    assert second is not None
    assert not await queue.done(pool, job_id, first.run)
    assert await state_of(pool, job_id) == "running"
    assert await queue.done(pool, job_id, second.run)
    assert await queue.begin(pool, job_id) is None


async def test_a_job_whose_workers_die_is_given_up(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary(attempts=2)
    job_id = await ask(pool, diary)
    for _ in range(2):
        assert await queue.begin(pool, job_id) is not None
    async with workers(diary.kind, config=QUICK):
        await until(lambda: ended(pool))
    assert diary.given_up == [("a", "The worker died each time while it was at this.")]


async def test_a_job_that_lost_its_row_is_found_again(pool: asyncpg.Pool, workers: Workers) -> None:
    diary = Diary()
    await ask(pool, diary)
    await pool.execute("DELETE FROM pgqueuer")
    await pool.execute("UPDATE jobs SET changed_at = now() - interval '1 minute'")
    async with workers(diary.kind):
        await until(lambda: ended(pool))
    assert diary.done == [("a", 1)]


async def test_a_broken_connection_loses_nothing(pool: asyncpg.Pool, workers: Workers) -> None:
    """Every connection of the worker is cut, again and again, while it has work."""
    diary = Diary()
    async with workers(diary.kind, config=QUICK):
        for number in range(20):
            await ask(pool, diary, f"{number}")
            if number % 5 == 0:
                await pool.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        await until(lambda: ended(pool))
    assert {name for name, _ in diary.done} == {f"{number}" for number in range(20)}
    assert {attempt for _, attempt in diary.done} <= {1, 2}
