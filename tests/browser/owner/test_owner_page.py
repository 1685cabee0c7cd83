"""Owners look at their venues: live figures, links that fail and heal, orders as they are placed."""

import asyncio

from playwright.async_api import Page, expect

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from tests.browser.people import Guest
from tests.browser.venue import DESK, PHONE, Box, Browser
from tests.integration.cloud.conftest import OWNER, PASSWORD

VENUE = "Zur Alten Mole"


async def sign_in(page: Page, url: str, password: str = PASSWORD, email: str = OWNER) -> None:
    """Open the dashboard and say who one is."""
    await page.goto(url)
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_wrong_password_is_refused_in_words(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url, "wrong horse")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Password")).to_be_visible()


async def test_an_order_at_a_table_appears_while_the_owner_looks(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    owner, guest = await browser.device(DESK), Guest(await browser.device(DESK))
    await sign_in(owner, cloud.url)
    detail = owner.get_by_role("region", name=VENUE)
    await expect(detail.get_by_text("Live", exact=True)).to_be_visible()
    await expect(detail.get_by_text("No orders today")).to_be_visible()
    await guest.sit_down(box.url, "Chinu", venue.tables[0].code)
    await guest.add("Croissant")
    await guest.say_word(venue.pass_word)
    await guest.sees("Croissant", 1)
    await guest.place_order()
    await guest.is_congratulated("K-1")
    order = detail.get_by_role("listitem").filter(has_text="K-1")
    await expect(order).to_contain_text("€3.20")
    await order.click()
    await expect(order).to_contain_text(f"ORD-{venue.restaurant_id}-1")
    await expect(owner.get_by_label(VENUE).get_by_text("€3.20").first).to_be_visible()


async def test_a_lost_link_is_shown_and_healed(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box, tasks: asyncio.TaskGroup
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    detail = page.get_by_role("region", name=VENUE)
    await expect(detail.get_by_text("Live", exact=True)).to_be_visible()
    await box.off()
    await expect(detail.get_by_text("Offline", exact=True)).to_be_visible()
    await expect(detail.get_by_text("The venue goes on serving")).to_be_visible()
    await expect(detail.get_by_text("not known; nothing was")).to_be_visible()
    await box.on(tasks)
    await expect(detail.get_by_text("Live", exact=True)).to_be_visible()


async def test_of_several_venues_one_is_chosen_on_a_phone_and_left_again(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    await founding.create_venue(cloud.pool, OWNER, "Pier 9", venue_file.load(sample("venue.json")))
    page = await browser.device(PHONE)
    await sign_in(page, cloud.url)
    await expect(page.get_by_role("heading", name="2 venues")).to_be_visible()
    await page.get_by_role("link", name=VENUE).click()
    await expect(page.get_by_role("heading", name=VENUE)).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name=VENUE)).to_be_visible()
    await page.get_by_role("link", name="All venues").click()
    await expect(page.get_by_role("link", name="Pier 9")).to_contain_text("Never synced")


async def test_signing_out_ends_the_session(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Password")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Password")).to_be_visible()
