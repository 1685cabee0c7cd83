"""The cloud's own fixtures, and a box that is linked to it instead of one that stands alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.linked import link_box
from tests.browser.venue import Box
from tests.integration.cloud.conftest import cloud, database, http, postgres, template, venue

__all__ = ["cloud", "database", "http", "postgres", "template", "venue"]


@pytest.fixture
async def box(
    tmp_path: Path, tasks: asyncio.TaskGroup, cloud: Serving, venue: NewVenue
) -> AsyncIterator[Box]:
    """The box of the sample venue, in step with the cloud."""
    running = await link_box(tmp_path / "box", tasks, cloud.pool, cloud.url, venue)
    yield running
    await running.off()
