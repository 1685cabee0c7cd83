"""How a job is described, asked for and done. Whoever adds one starts here.

1. Say what has to be done in a struct, and do it in a coroutine:

        class Render(msgspec.Struct, frozen=True):
            design_id: str

        async def render(work: Work, what: Render) -> None:
            picture = await asyncio.to_thread(draw, what)     # whatever takes long stays off the loop
            await work.blobs.put(f"{work.organisation_id}/renders/{what.design_id}.png", picture)
            async with work.pool.acquire() as connection, connection.transaction():
                await designs.finished(connection, what.design_id)

        RENDER = Kind(name="render", body=Render, do=render, attempts=5, at_once=2, gave_up=tell_the_guest)

2. Put it into `KINDS` of `cloud/jobs/roster.py` (and what shall happen by itself into `SCHEDULES`).

3. Ask for it in the transaction of its cause, also behind the wall of `on_behalf_of`:

        async with on_behalf_of(pool, login) as connection:
            await designs.queue(connection, design_id)
            await RENDER.ask(connection, Render(design_id), login.organisation_id, key=design_id)

A coroutine that raises is run again after `first_delay_s`, then twice that, and so on up to
`longest_delay_s`, until `attempts` runs have failed; then `gave_up` tells whoever waits, in the transaction
in which the failure is written down. `Hopeless` gives up at once. Where Postgres is away, or the worker is
told to stop, no attempt is used up. A worker that dies costs one attempt and `job_silent_s`.

Rule of the file: a job is run at least once. Two runs of one job may overlap for a moment when a worker was
thought dead, so write so that a second run changes nothing (upserts, keys, `mails` by cause), or use
`work.run`, which grows with every run, to tell the present one. Long jobs call `work.pause()` between pieces.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import asyncpg
import msgspec

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.store.jobs import queue

T = TypeVar("T")


class Hopeless(Exception):
    """Trying again would not help; the message is what the owner reads."""


class Interrupted(Exception):
    """The worker is stopping: the job goes on elsewhere, from what it has written down."""


class Work(msgspec.Struct, frozen=True):
    """What a job is given. `attempt` counts from 1; `organisation_id` is null for the house's own."""

    config: Config
    pool: asyncpg.Pool
    blobs: Blobs
    job_id: str
    run: int
    attempt: int
    organisation_id: str | None
    stopping: asyncio.Event

    def pause(self) -> None:
        """Raises `Interrupted` where the worker wants to stop; called where a job may well be left."""
        if self.stopping.is_set():
            raise Interrupted


class Kind(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One kind of job. `at_once` bounds how many all workers together do at a time; 0 for any number."""

    name: str
    body: type[T]
    do: Callable[[Work, T], Awaitable[None]]
    attempts: int = 5
    first_delay_s: float = 10.0
    longest_delay_s: float = 3600.0
    longest_run_s: float = 3600.0
    at_once: int = 0
    #: Told in the transaction that writes the failure down, with the reason in words.
    gave_up: Callable[[asyncpg.Connection, Work, T, str], Awaitable[None]] | None = None

    async def ask(
        self,
        connection: asyncpg.Connection,
        body: T,
        organisation_id: str | None,
        *,
        after_s: float = 0,
        key: str | None = None,
        priority: int = 0,
    ) -> str:
        """Have it done once the transaction has committed; its job id.

        While one of the same `key` waits or runs, that one is meant. Higher `priority` goes first.
        """
        text = msgspec.json.encode(body).decode()
        return await queue.ask(
            connection,
            self.name,
            text,
            organisation_id=organisation_id,
            after_s=after_s,
            key=key,
            priority=priority,
        )

    def read(self, body: str) -> T:
        """What was asked for."""
        return msgspec.json.decode(body, type=self.body)

    def delay_s(self, attempt: int) -> float:
        """How long after the failed `attempt` (from 1) the next one is."""
        return min(self.first_delay_s * 2.0 ** (attempt - 1), self.longest_delay_s)


class Nothing(msgspec.Struct, frozen=True):
    """What a scheduled job is told."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is asked for by itself: `cron` is five fields in UTC. Once for all workers together."""

    cron: str
    kind: Kind[Nothing]


class Roster(msgspec.Struct, frozen=True):
    """Everything that a worker can do."""

    kinds: tuple[Kind[Any], ...]
    schedules: tuple[Schedule, ...]
