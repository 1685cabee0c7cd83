"""Looks at all venues and the database now and then, so that Prometheus can be told how they are."""

import asyncio
import time
from contextlib import suppress

import asyncpg

from cloud.store.link import standing
from cloud.store.pool import GONE
from cloud.web.figures import Figures

_EVERY_S = 15.0


async def watch(pool: asyncpg.Pool, figures: Figures) -> None:
    """Look until cancelled. While Postgres is away the figures grow old, and say so."""
    while True:
        with suppress(*GONE):
            tell(await standing.look(pool), figures)
        await asyncio.sleep(_EVERY_S)


def tell(seen: standing.Standing, figures: Figures) -> None:
    """Put what was seen into the figures."""
    told = figures.standing
    told.venues.labels("up").set(seen.up)
    told.venues.labels("down").set(seen.down)
    told.unsynced.set(seen.unsynced)
    told.troubled.set(seen.troubled)
    told.quarantined.set(seen.quarantined)
    told.live_facts.set(seen.live_facts)
    told.database_bytes.set(seen.database_bytes)
    told.unarchived_s.set(seen.unarchived_s)
    told.archive_failures.set(seen.archive_failures)
    told.connections.set(seen.connections)
    told.most_connections.set(seen.most_connections)
    told.looked_at_s.set(time.time())
