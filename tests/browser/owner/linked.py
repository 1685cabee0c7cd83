"""The sample venue of the cloud, with a real box that has claimed it and holds its menu."""

import asyncio
import time
from pathlib import Path

import asyncpg

from cloud.owners.samples import sample
from cloud.owners.venues import founding
from cloud.owners.venues.founding import NewVenue
from edge.adapters.cloud.claiming import claim, load_key
from edge.journal.database import bind, open_writer, read_box
from tests.browser.venue import Box
from tests.open_box import until


async def _claim(directory: Path, url: str, code: str) -> None:
    """What `holdfast-edge claim` does."""
    connection = open_writer(directory, time.time_ns() // 1_000_000)
    box = read_box(connection)
    claimed = await claim(url, code, box, load_key(directory / "node.key"))
    bind(connection, claimed.venue_id, claimed.epoch, url)
    connection.close()


async def link_box(
    directory: Path, tasks: asyncio.TaskGroup, pool: asyncpg.Pool, url: str, venue: NewVenue
) -> Box:
    """A box that serves `venue` and is linked to the cloud at `url`; call `off` in the end."""
    await founding.import_menu(pool, venue.venue_id, sample("menu.csv"), "test")
    await _claim(directory, url, venue.claim_code)
    box = Box(directory, [])
    await box.on(tasks)
    await until(lambda: box.app.hot.committed_menu() is not None)
    return box
