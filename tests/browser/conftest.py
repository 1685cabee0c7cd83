"""A running box and a browser for each test. A page that complains on its console fails its test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.venue import Box, Browser, open_browser, venue_commands
from tests.integration.conftest import cheap_hashes, copies_are_whole, files_stay_outside

__all__ = ["cheap_hashes", "copies_are_whole", "files_stay_outside"]


@pytest.fixture
async def tasks() -> AsyncIterator[asyncio.TaskGroup]:
    """Whatever runs beside a test ends with it."""
    async with asyncio.TaskGroup() as group:
        yield group


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Box]:
    """The sample venue, serving."""
    running = Box(tmp_path / "box", venue_commands())
    await running.on(tasks)
    yield running
    await running.off()


@pytest.fixture
async def impatient(box: Box, tasks: asyncio.TaskGroup) -> Box:
    """The same venue, which alarms the staff of a ticket after a tenth of a second."""
    await box.off()
    box.settings["ticket_alarm_s"] = 0.1
    await box.on(tasks)
    return box


@pytest.fixture
async def browser(box: Box) -> AsyncIterator[Browser]:
    """Leaves before the box does, so that its sockets close in good order."""
    async with open_browser() as opened:
        yield opened
    assert opened.complaints == []
