"""Pairing in real browsers: the box's own page, the staff's tablet, and the dashboard."""

import asyncio
from pathlib import Path

from playwright.async_api import Page

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.pairing import both_ways
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, Box, Browser


async def test_a_code_is_read_here_and_typed_there(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box, tmp_path: Path, tasks: asyncio.TaskGroup
) -> None:
    async def keep(_page: Page, _name: str) -> None:
        """Nobody looks."""

    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("heading", name=venue.name).wait_for()
    await both_ways(browser, page, cloud.url, venue.name, tmp_path, tasks, keep)
