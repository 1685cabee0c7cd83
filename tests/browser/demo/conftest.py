"""A demo of its own for each test, and people's devices to look at it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.browser.venue import Browser, open_browser
from tests.demo_process import DemoProcess


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[DemoProcess]:
    """A venue with everything, from nothing."""
    process = DemoProcess(tmp_path / "venue")
    try:
        await process.start()
        yield process
        status, _ = await process.stop()
        assert status == 0
    finally:
        process.kill()


@pytest.fixture
async def browser(demo: DemoProcess) -> AsyncIterator[Browser]:
    """Closed before the demo ends; no page may have complained."""
    async with open_browser() as opened:
        yield opened
    assert opened.complaints == []


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
