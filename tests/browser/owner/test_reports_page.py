"""Reports and devices in a real browser, over an evening that a box has sent."""

import time

import aiohttp
import pytest
from playwright.async_api import expect

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER
from tests.venue_day import VenueDay


@pytest.fixture
async def pier(cloud: Serving, venue: NewVenue) -> NewVenue:
    """A second venue of the owner, whose box plays back what a test wants to see."""
    return await founding.create_venue(cloud.pool, OWNER, "Pier 9", venue_file.load(sample("venue.json")))


async def test_charts_say_in_words_and_bars_what_was_sold(
    browser: Browser, cloud: Serving, pier: NewVenue, http: aiohttp.ClientSession
) -> None:
    box = FakeBox()
    await box.claim(http, cloud.url, pier.claim_code)
    not_today_ms = time.time_ns() // 1_000_000 - 36 * 3_600_000  # whatever hour it is
    box.day = VenueDay(box.log_id, pier.restaurant_id, wall_ms=not_today_ms)
    box.day.serve(5)
    box.day.play("ps5-1", ends=True)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        for size in (DESK, PHONE):
            page = await browser.device(size)
            await sign_in(page, cloud.url)
            await page.get_by_role("link", name="Reports").locator("visible=true").click()
            await expect(page.get_by_text("Orders", exact=True).locator("visible=true").first).to_be_visible()
            chart = page.get_by_role("img", name="Sales by hour of the day")
            await expect(chart).to_be_visible()
            await expect(chart.locator("rect")).not_to_have_count(0)
            tile = page.locator(".tile", has_text="Orders")
            await expect(tile).to_contain_text("5")
            await expect(
                page.get_by_role("region", name="By item").get_by_role("listitem").first
            ).to_contain_text("€")
            await page.get_by_role("link", name="Today").click()
            await expect(page.get_by_text("Nothing sold in these days")).to_be_visible()
            await page.go_back()
            await expect(chart).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"


async def test_a_report_that_cannot_be_had_can_be_asked_for_again(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("link", name="Reports").click()
    await expect(page.get_by_text("Nothing sold in these days")).to_be_visible()
    await page.context.set_offline(True)
    await page.get_by_role("link", name="30 days").click()
    await expect(page.get_by_role("alert")).to_contain_text("The cloud does not answer.")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("Nothing sold in these days")).to_be_visible()


async def test_devices_show_a_box_as_it_is(
    browser: Browser, cloud: Serving, pier: NewVenue, http: aiohttp.ClientSession
) -> None:
    box, page = FakeBox(), await browser.device(PHONE)
    await sign_in(page, cloud.url)
    await page.goto(f"{cloud.url}/#devices")
    card = page.get_by_role("region", name="Pier 9")
    await expect(card.get_by_text("no box yet")).to_be_visible()
    await box.claim(http, cloud.url, pier.claim_code)
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        await page.reload()
        await expect(card.get_by_text("online")).to_be_visible()
        await expect(card.get_by_text("Everything it has is here")).to_be_visible()
