"""`python -m tests.browser.screenshots [DIRECTORY]`: what all pages look like just now.

Plays a short evening with the real box and the real cloud and takes pictures on the way, for whoever
changes the look: phones by day, desks by night. They land in `screenshots/`, which git ignores.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.embedded_postgres import EmbeddedPostgres
from edge.core.play.commands import StartPlay
from edge.journal.writer import Accepted
from tests.browser.afar_pictures import apart
from tests.browser.album import Album
from tests.browser.booking_pictures import bookings
from tests.browser.money_pictures import money
from tests.browser.owner.linked import link_box
from tests.browser.owner.pairing import both_ways
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.people import Cook, Guest
from tests.browser.shop_pictures import shop, shop_desk
from tests.browser.staff_pictures import staff
from tests.browser.station_pictures import stations
from tests.browser.venue import DESK, PHONE, Box, Browser, open_browser

_OWNER, _PASSWORD = "ada@example.com", "correct horse battery"


async def guests(album: Album, browser: Browser, box: Box, venue: NewVenue) -> tuple[Guest, Guest]:
    """Two people order; both are congratulated."""
    code = venue.tables[3].code
    chinu = Guest(await browser.device(scale=2))
    anshu = Guest(await browser.device(DESK, "dark"))
    await chinu.scan(box.url, code)
    await chinu.page.get_by_label("Your name").wait_for()
    await album.keep(chinu.page, "guest-join")
    await chinu.sit_down(box.url, "Chinu", code)
    await album.keep(chinu.page, "guest-menu")
    await chinu.add("Croissant")
    await chinu.page.get_by_role("dialog", name="Pass word").wait_for()
    await album.keep(chinu.page, "guest-pass-word")
    await chinu.say_word(venue.pass_word)
    await anshu.sit_down(box.url, "Anshu Rao", code)
    await anshu.add("Shakshuka")
    await album.keep(anshu.page, "guest-dish")
    await anshu.page.get_by_role("radio", name="Hot").check()
    await anshu.page.get_by_role("dialog").get_by_label("Note").fill("extra bread, please")
    await anshu.page.get_by_role("button", name="Add ·").click()
    await chinu.open_cart()
    await chinu.sees("Shakshuka", 1)
    await album.keep(chinu.page, "guest-cart")
    await album.keep(anshu.page, "guest-desk")
    return chinu, anshu


async def ordered(album: Album, chinu: Guest, anshu: Guest) -> None:
    """The order on both devices."""
    await chinu.place_order()
    await chinu.page.get_by_role("dialog", name="Order placed").wait_for()
    await album.keep(chinu.page, "guest-placed")
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    await chinu.page.locator(".bottom-orders").click()
    await album.keep(chinu.page, "guest-orders")
    await album.keep(anshu.page, "guest-desk-ordered")


async def kitchen(album: Album, browser: Browser, box: Box, venue: NewVenue) -> Cook:
    """The ticket at the stove."""
    cook = Cook(await browser.device(DESK))
    await cook.page.goto(f"{box.url}/kitchen")
    await album.keep(cook.page, "kitchen-sign-in")
    await cook.sign_in(box.url, pin=venue.staff[0].pin, user=venue.staff[0].user)
    await cook.ticket("K-1").first.wait_for()
    await album.keep(cook.page, "kitchen")
    return cook


async def bill(album: Album, chinu: Guest) -> None:
    """What the table owes, on a phone."""
    await chinu.page.get_by_role("button", name="See the bill").click()
    await chinu.page.get_by_role("dialog", name="Bill").get_by_text("Total").wait_for()
    await album.keep(chinu.page, "guest-bill")


async def owner(album: Album, browser: Browser, cloud: Serving, venue: NewVenue) -> None:
    """The dashboard on a desk and on a phone, with a second venue that has no box yet."""
    await founding.create_venue(cloud.pool, _OWNER, "Pier 9", venue_file.load(sample("venue.json")))
    for name, page in (
        ("desk", await browser.device(DESK)),
        ("phone", await browser.device(PHONE, "dark", scale=2)),
    ):
        await page.goto(cloud.url)
        await page.get_by_label("E-mail").fill(_OWNER)
        await page.get_by_label("Password").fill(_PASSWORD)
        await album.keep(page, f"owner-{name}-sign-in")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("link", name=venue.name).wait_for()
        await album.keep(page, f"owner-{name}")
        await page.get_by_role("link", name=venue.name).click()
        await page.get_by_text("K-1").first.wait_for()
        await album.keep(page, f"owner-{name}-venue")
        await page.get_by_role("link", name="Stations", exact=True).click()
        await page.get_by_role("region", name="Stations").wait_for()
        await album.keep(page, f"owner-{name}-stations")
        await page.get_by_role("link", name="Health", exact=True).click()
        await page.get_by_role("region", name="Health").wait_for()
        await album.keep(page, f"owner-{name}-health")
        await dashboard(album, page, name)


async def dashboard(album: Album, page: Page, name: str) -> None:
    """Every other page of the dashboard, and what opens over them."""
    for section in ("reports", "devices", "money", "alerts", "exports", "team", "activity", "account"):
        await page.goto(f"{page.url.partition('#')[0]}#{section}")
        await page.get_by_role("heading", level=1, name=section, exact=False).wait_for()
        await expect(page.locator(".waiting")).to_have_count(0)
        await album.keep(page, f"owner-{name}-{section}")
    await page.goto(f"{page.url.partition('#')[0]}#team")
    await page.get_by_role("button", name="Make a token").click()
    await page.get_by_label("What is it for?").fill("The accountant's own program")
    await page.get_by_label("Orders and reports").check()
    await page.get_by_label("Only at").check()
    await album.keep(page, f"owner-{name}-token")
    await page.get_by_role("button", name="Close").click()
    await shop_desk(album, page, name)
    await page.goto(f"{page.url.partition('#')[0]}#account")
    await page.get_by_role("button", name="Set it up").click()
    await page.get_by_role("img", name="QR code").wait_for()
    await album.keep(page, f"owner-{name}-second-factor")
    await page.goto(f"{page.url.partition('#')[0]}#menu")
    await page.get_by_text("Everything is saved.").wait_for()
    await album.keep(page, f"owner-{name}-menu")
    await page.get_by_role("button", name="Croissant").first.click()
    await page.get_by_label("Price (EUR)", exact=True).fill("3.40" if name == "desk" else "3.60")
    await album.keep(page, f"owner-{name}-menu-item")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_role("button", name="Publish to 2 venues").wait_for()
    await album.keep(page, f"owner-{name}-menu-publish")
    await page.get_by_role("button", name="Publish to 2 venues").click()
    await page.get_by_role("button", name="Done").click()
    for view in ("Questions", "Planned prices", "History"):
        await page.get_by_role("link", name=view).click()
        await album.keep(page, f"owner-{name}-menu-{view.split()[0].lower()}")


async def play_on(box: Box) -> None:
    """Somebody plays, so that the owner sees it."""
    for station, seconds in (("ps5-1", 5400), ("pc-1", 560)):
        command = StartPlay(station, f"{station}:first", station, seconds, "CASH", None, "staff:ana")
        assert isinstance(await box.app.writer.execute(command), Accepted)


async def evening(album: Album, directory: Path, postgres_url: str) -> None:
    """From the first guest to the owner's page, and the box going away in the end."""
    config = Config(port=0, data=directory / "cloud", connections=6, refresh_every_s=0.5, drain_s=1)
    async with serving(config, postgres_url) as cloud, open_browser() as browser:
        await founding.create_owner(cloud.pool, _OWNER, _PASSWORD)
        venue = await founding.create_venue(cloud.pool, _OWNER, None, venue_file.load(sample("venue.json")))
        async with asyncio.TaskGroup() as tasks:
            box = await link_box(directory / "box", tasks, cloud.pool, cloud.url, venue)
            chinu, anshu = await guests(album, browser, box, venue)
            await ordered(album, chinu, anshu)
            cook = await kitchen(album, browser, box, venue)
            tablet = await staff(album, browser, box, venue)
            await stations(album, browser, directory / "gaming")
            await bookings(album, browser, directory / "bookings")
            await bill(album, chinu)
            await shop(album, browser, box, cloud, venue, chinu, directory)
            await play_on(box)
            await owner(album, browser, cloud, venue)
            desk = await browser.device(DESK)
            await sign_in(desk, cloud.url, _PASSWORD, _OWNER)
            await desk.get_by_role("link", name=venue.name).wait_for()
            await both_ways(browser, desk, cloud.url, venue.name, directory, tasks, album.keep)
            await box.off()
            for name, page in (("guest", chinu.page), ("kitchen", cook.page), ("staff", tablet)):
                await page.get_by_text("Reconnecting").first.wait_for()
                await album.keep(page, f"{name}-box-away")
        await apart(album, browser, directory, postgres_url)
        await money(album, browser, directory, postgres_url)


def main() -> None:
    """Pictures into the named directory."""
    album = Album(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        postgres = EmbeddedPostgres(directory / "postgres")
        postgres.start()
        try:
            asyncio.run(evening(album, directory, postgres.url))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
