"""Releases on the dashboard: what waits and why, when the venue is closed, and *now*."""

import json

from playwright.async_api import Page, expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Box, Browser
from tests.integration.afar.linked import eventually


async def waiting_release(cloud: Serving, venue: NewVenue) -> None:
    """As if the box had told it; its own word, that it is no release, is in by then."""

    async def told() -> bool:
        return bool(await cloud.pool.fetchval("SELECT count(*) FROM box_releases"))

    await eventually(told)
    await cloud.pool.execute(
        """
        UPDATE box_releases SET running = '0.2.0', version = '0.3.0', state = 'waiting',
            reason = 'nobody has said when the venue is closed'
        """
    )
    await cloud.pool.execute(
        """
        INSERT INTO release_trials (venue_id, version, state, reason) VALUES
            ($1, '0.3.0', 'waiting', ''), ($1, '0.2.1', 'rolled_back', 'it died and had to be started anew')
        """,
        venue.venue_id,
    )


async def open_releases(page: Page, cloud: Serving) -> None:
    await sign_in(page, cloud.url)
    await page.goto(f"{cloud.url}/#devices")
    await page.get_by_role("button", name="Releases at").click()


async def test_an_owner_sees_what_waits_says_when_it_is_closed_and_says_now(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    await waiting_release(cloud, venue)
    page = await browser.device(PHONE)
    await open_releases(page, cloud)
    sheet = page.get_by_role("dialog")
    await expect(sheet.get_by_text("0.3.0 waits: nobody has said when the venue is closed")).to_be_visible()
    await expect(sheet.get_by_text("it died and had to be started anew")).to_be_visible()
    await sheet.get_by_role("button", name="Add a window").click()
    await sheet.get_by_label("From").fill("17:00")
    await sheet.get_by_label("To").fill("02:00")
    await sheet.get_by_label("Among the first").check()
    await sheet.get_by_role("button", name="Save").click()

    async def heard() -> bool:
        known = box.app.hot.committed_venue()
        return known is not None and [each.ends for each in known.config.opening] == ["02:00"]

    await eventually(heard)

    async def among_the_first() -> bool:
        return bool(await cloud.pool.fetchval("SELECT ring = 'first' FROM box_releases"))

    await eventually(among_the_first)
    await sheet.get_by_role("button", name="Upgrade to 0.3.0 now").click()

    async def ordered() -> bool:
        return bool(await cloud.pool.fetchval("SELECT count(*) FROM instructions WHERE kind = 'upgrade'"))

    await eventually(ordered)
    asked = await cloud.pool.fetchval("SELECT ask FROM instructions WHERE kind = 'upgrade'")
    assert json.loads(asked) == {"kind": "upgrade", "version": "0.3.0"}


async def test_it_fits_a_wide_screen_and_is_left_by_the_keyboard(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    await waiting_release(cloud, venue)
    page = await browser.device(DESK)
    await open_releases(page, cloud)
    await expect(page.get_by_role("dialog").get_by_role("heading", name="Releases at")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_text("Runs release 0.2.0; 0.3.0 waits")).to_be_visible()
