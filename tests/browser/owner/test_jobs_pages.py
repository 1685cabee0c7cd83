"""Exports and alerts in a real browser: a file asked for, watched and fetched; people who are told."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import expect

from cloud.app import Serving, serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.cloud.conftest import CONFIG, OWNER


@pytest.fixture
async def cloud(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    """A process that serves and does jobs, as it is by default."""
    config = msgspec.structs.replace(CONFIG, works=True, data=tmp_path / "cloud")
    async with serving(config, database) as served:
        yield served


async def test_a_file_is_asked_for_watched_and_fetched(
    browser: Browser, cloud: Serving, venue: NewVenue, tmp_path: Path
) -> None:
    await cloud.pool.execute(
        "INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,"
        " total_minor, currency, special_instructions, status, attempts, placed_ms, version)"
        " SELECT $1, 'O' || n, n, 's', 'T1', 'm', 'h', 1250, 'EUR', '', 'confirmed', 1,"
        " (extract(epoch FROM now()) * 1000)::bigint - 86400000, 1 FROM generate_series(1, 20) n",
        venue.venue_id,
    )
    for size in (DESK, PHONE):
        page = await browser.device(size)
        await sign_in(page, cloud.url)
        await page.goto(f"{cloud.url}/#exports")
        await page.get_by_role("button", name="7 days").click()
        await page.get_by_role("button", name="Write the file").click()
        file = page.get_by_role("region", name="Files").get_by_role("listitem").first
        await expect(file).to_contain_text("Ready", timeout=60_000)
        await expect(file).to_contain_text("20 rows")
        async with page.expect_download() as begun:
            await file.get_by_role("link", name="Download").click()
        fetched = await begun.value
        assert fetched.suggested_filename.startswith("orders-")
        target = tmp_path / fetched.suggested_filename
        await fetched.save_as(target)
        assert len(target.read_bytes().splitlines()) == 21
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"
        await file.get_by_role("button", name="Remove").click()
        await expect(page.get_by_text("No files yet")).to_be_visible()


async def test_an_owner_says_who_is_told_of_what(browser: Browser, cloud: Serving, venue: NewVenue) -> None:
    for size in (PHONE, DESK):
        page = await browser.device(size)
        await sign_in(page, cloud.url)
        await page.goto(f"{cloud.url}/#alerts")
        await expect(page.get_by_text("No mail leaves this cloud yet.")).to_be_visible()
        if size is PHONE:
            await expect(page.get_by_text("All is well")).to_be_visible()
            await page.get_by_role("button", name="Add somebody").click()
            await page.get_by_label("A printer does not print").uncheck()
            await page.get_by_label("Quiet hours").check()
            await page.get_by_text("Tell a program as well").click()
            await page.get_by_label("Address").fill("http://10.0.0.1/hook")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("A webhook has to be on the internet.")).to_be_visible()
            await page.get_by_label("Address").fill("https://example.com/hook")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("Saved.")).to_be_visible()
        await expect(page.get_by_role("group", name=OWNER)).to_be_visible()
        await expect(page.get_by_label("A printer does not print")).not_to_be_checked()
        await expect(page.get_by_label("From", exact=True)).to_have_value("23:00")
        await expect(page.get_by_text("Calls are signed with the key")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"
