"""Seed 000 from the first scan to the fired order, on the demo, through an outage of the internet.

Two phones, the kitchen's screen and the owner's page, each a person with a device of their own. The box and
the cloud are what `make demo` runs; the internet between them is cut and healed by the demo's control.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.people import Cook, Guest
from tests.browser.venue import DESK, Browser, open_browser
from tests.demo_process import DemoProcess

VENUE_WITHIN_MS = 30_000
pytestmark = pytest.mark.xdist_group("demo in a browser")


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[DemoProcess]:
    """Everything that `make demo` runs."""
    process = DemoProcess(tmp_path / "venue")
    await process.start()
    yield process
    process.kill()


@pytest_asyncio.fixture
async def people(demo: DemoProcess) -> AsyncIterator[Browser]:
    """Leaves before the demo does."""
    async with open_browser() as opened:
        yield opened
    assert opened.complaints == []


async def _owner(people: Browser, demo: DemoProcess) -> Page:
    page, login = await people.device(DESK), demo.said["owner"]
    await page.goto(demo.said["cloud"])
    await page.get_by_label("E-mail").fill(login["email"])
    await page.get_by_label("Password").fill(login["password"])
    await page.get_by_role("button", name="Sign in").click()
    return page


async def test_two_phones_order_while_the_internet_dies_and_returns(
    demo: DemoProcess, people: Browser
) -> None:
    url, code = demo.said["edge"], demo.said["tables"][0]["code"]
    chinu, anshu = Guest(await people.device()), Guest(await people.device(DESK))
    cook = Cook(await people.device(DESK))
    await cook.sign_in(url, demo.said["staff"]["pin"], user=demo.said["staff"]["user"])
    owner = await _owner(people, demo)

    # 0-1: both sit down; the host's first item asks for the pass word and is replayed after it.
    await chinu.sit_down(url, "Chinu", code)
    await anshu.sit_down(url, "Anshu", code)
    await chinu.add("Croissant")
    await chinu.say_word(demo.said["pass_word"])
    await anshu.sees("Croissant", 1)

    # 2-3: a member cannot change the host's line; the host can, and everybody sees it.
    one_more = anshu.line("Croissant").get_by_role("button", name="One more Croissant")
    await expect(one_more).to_be_disabled()
    await chinu.open_cart()
    await chinu.line("Croissant").get_by_role("button", name="One more Croissant").click()
    await anshu.sees("Croissant", 2)

    # 5: the order is fired: a ticket for the phones, the kitchen and the owner.
    await chinu.place_order()
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    await expect(cook.ticket("K-1")).to_be_visible()
    orders = owner.get_by_role("region").get_by_role("listitem")
    await expect(orders.filter(has_text="K-1")).to_be_visible(timeout=VENUE_WITHIN_MS)

    # The internet dies. The venue goes on; the owner sees that nothing is heard.
    async with aiohttp.ClientSession() as http:
        await demo.internet(http, up=False)
        await expect(owner.get_by_text("Offline", exact=True).first).to_be_visible(timeout=VENUE_WITHIN_MS)
        await anshu.add("Croissant")
        await anshu.sees("Croissant", 1)
        await anshu.place_order()
        await anshu.is_congratulated("K-2")
        await chinu.is_congratulated("K-2")
        await cook.press("K-2", "Accept")
        await expect(cook.ticket("K-2")).to_have_attribute("data-state", "accepted")
        await expect(orders.filter(has_text="K-2")).to_have_count(0)

        # It returns, and the owner's page catches up by itself.
        await demo.internet(http, up=True)
        await expect(orders.filter(has_text="K-2")).to_be_visible(timeout=VENUE_WITHIN_MS)
        await expect(orders.filter(has_text="K-2")).to_have_count(1)
