"""What an operator has done to the database now and then: facts put away, months taken out and put back, sums
counted anew.

`run` does the first by itself every hour; the rest is asked for (`holdfast-cloud archive`, `unarchive`,
`recount`). Everything here can be stopped at any moment and begun again.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from cloud.store import attempts, venues
from cloud.store.link import pairings
from cloud.store.months import archives, sealing
from cloud.store.months.archives import Archived
from cloud.store.pool import GONE
from cloud.store.reading import roll_ups

_EVERY_S = 3600


async def keep_tidy(pool: asyncpg.Pool) -> None:
    """Until cancelled: forget attempts that no limit looks at and codes that ran out, and put facts away."""
    while True:
        with suppress(*GONE, asyncpg.LockNotAvailableError):  # in an hour, then
            await attempts.forget_old(pool)
            await pairings.forget_old(pool)
            await sealing.prepare(pool)
            await sealing.seal(pool)
        await asyncio.sleep(_EVERY_S)


async def take_out(pool: asyncpg.Pool, keep_months: int, directory: Path) -> list[Archived]:
    """Archive every month that is older than so many whole months. Raises what `archives.archive` does."""
    await sealing.seal(pool)
    today = datetime.now(UTC).date()
    async with pool.acquire() as connection:
        waiting = archives.due(await sealing.months(connection), keep_months, today)
    return [await archives.archive(pool, month, directory) for month in waiting]


async def recount(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Count the sums of every venue anew; by venue, what was wrong."""
    wrong = {}
    for venue_id in await venues.every(pool):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 0")
            if found := await roll_ups.differences(connection, venue_id):
                wrong[venue_id] = found
                await roll_ups.count_anew(connection, venue_id)
    return wrong
