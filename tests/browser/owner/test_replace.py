"""The owner replaces a box: asked first, told what happens, given a code that a new box can use."""

import re

import aiohttp
from playwright.async_api import expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, Box, Browser
from tests.fake_box import FakeBox


async def test_the_button_asks_first_and_gives_a_code_that_works(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("button", name="Replace this box").click()
    region = page.get_by_role("region", name="Replace the box")
    await expect(region).to_contain_text("keeps serving until the new one is claimed")
    await region.get_by_role("button", name="Keep the present box").click()
    await expect(region).to_have_count(0)
    await page.get_by_role("button", name="Replace this box").click()
    await region.get_by_role("button", name="Yes, give me a code").click()
    shown = region.locator(".replace-code")
    await expect(shown).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    code = await shown.inner_text()
    async with aiohttp.ClientSession() as http:
        status, claimed = await FakeBox().claim(http, cloud.url, code)
    assert (status, claimed["epoch"]) == (200, 2)
    assert claimed["base_seq"] > 0
    await region.get_by_role("button", name="Done").click()
    await expect(region).to_have_count(0)
