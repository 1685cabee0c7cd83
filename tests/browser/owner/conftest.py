"""The cloud's own fixtures, and a box that is linked to it instead of one that stands alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud.app import Serving
from cloud.owners import founding
from cloud.owners.founding import NewVenue
from cloud.owners.samples import sample
from edge.adapters.cloud_link import claim, load_key
from edge.journal.database import bind, open_writer, read_box
from tests.browser.venue import Box
from tests.integration.cloud.conftest import cloud, database, http, postgres, template, venue
from tests.open_box import until

__all__ = ["cloud", "database", "http", "postgres", "template", "venue"]


async def _claim(directory: Path, url: str, code: str) -> None:
    """What `holdfast-edge claim` does."""
    connection = open_writer(directory, time.time_ns() // 1_000_000)
    box = read_box(connection)
    venue_id, epoch = await claim(url, code, box, load_key(directory / "node.key"))
    bind(connection, venue_id, epoch, url)
    connection.close()


@pytest.fixture
async def box(
    tmp_path: Path, tasks: asyncio.TaskGroup, cloud: Serving, venue: NewVenue
) -> AsyncIterator[Box]:
    """The box of the sample venue, in step with the cloud."""
    await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
    await _claim(tmp_path / "box", cloud.url, venue.claim_code)
    running = Box(tmp_path / "box", [])
    await running.on(tasks)
    await until(lambda: running.app.hot.committed_menu() is not None)
    yield running
    await running.off()
