"""A box with a floor for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.edge.play.floor_box import FloorBox, floor_box


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[FloorBox]:
    async with floor_box(tmp_path / "box") as made:
        yield made
