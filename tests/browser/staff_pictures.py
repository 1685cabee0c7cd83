"""Pictures of the staff page for `screenshots.py`: a tablet by day, a phone by night, a till's screen."""

from playwright.async_api import Page

from cloud.owners.venues.founding import NewVenue
from tests.browser.album import Album
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser

_BUSY = ("Croissant", "Chocolate Fondant")


async def staff(album: Album, browser: Browser, box: Box, venue: NewVenue) -> Page:
    """From signing in to the Z report; the tablet."""
    waiter = next(each for each in venue.staff if each.role == "waiter")
    manager = next(each for each in venue.staff if each.role == "manager")
    tablet = Waiter(await browser.device(TABLET))
    await tablet.page.goto(f"{box.url}/staff")
    await album.keep(tablet.page, "staff-sign-in")
    await tablet.sign_in(box.url, waiter.user, waiter.pin)
    free = [table.name for table in venue.tables[4:6]]
    await _serve(album, tablet, free[0])
    await tablet.open_table(free[1])
    await tablet.tap(_BUSY[0])
    await tablet.cart_line(_BUSY[0]).wait_for()
    await tablet.tab("Floor").click()
    await tablet.tile(free[1]).wait_for()
    await album.keep(tablet.page, "staff-floor")
    await _money(album, tablet, free[0])
    await _elsewhere(album, tablet)
    devices = {"phone": await browser.device(PHONE, "dark", 2), "desk": await browser.device(DESK)}
    for name, page in devices.items():
        other = Waiter(page)
        await other.sign_in(box.url, manager.user, manager.pin)
        await other.tile(free[0]).wait_for()
        await album.keep(other.page, f"staff-{name}-floor")
        for address in (f"floor/{venue.tables[4].code}/order", f"floor/{venue.tables[4].code}/bill", "till"):
            await other.page.evaluate(f"location.hash = '#/{address}'")
            await other.page.locator(".picks, .bill, .till").first.wait_for()
            await album.keep(other.page, f"staff-{name}-{address.rpartition('/')[2]}")
    return tablet.page


async def _serve(album: Album, tablet: Waiter, table: str) -> None:
    """A free table is opened and ordered for."""
    await tablet.go_to(table)
    await album.keep(tablet.page, "staff-table-free")
    await tablet.page.get_by_role("button", name="Open table").click()
    await tablet.page.get_by_role("region", name="Menu").wait_for()
    await tablet.tap(*_BUSY, _BUSY[0])
    await tablet.cart_line(_BUSY[1]).wait_for()
    await album.keep(tablet.page, "staff-order")
    await tablet.page.get_by_role("button", name="Shakshuka").click()
    await album.keep(tablet.page, "staff-dish")
    await tablet.page.keyboard.press("Escape")
    await tablet.send()
    await tablet.page.get_by_role("button", name="Table", exact=True).click()
    await album.keep(tablet.page, "staff-seating")
    await tablet.page.keyboard.press("Escape")


async def _money(album: Album, tablet: Waiter, table: str) -> None:
    """A bill, what is taken off it, how it is shared and paid."""
    page = tablet.page
    await tablet.go_to(table)
    await tablet.to_bill()
    await album.keep(page, "staff-bill")
    await page.get_by_role("button", name=f"Change {_BUSY[1]}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Void").click()
    await page.get_by_role("dialog").get_by_role("group", name="Manager").wait_for()
    await album.keep(page, "staff-void")
    await page.keyboard.press("Escape")
    await tablet.choose("Split the bill")
    await album.keep(page, "staff-split")
    await page.get_by_role("dialog").get_by_role("button", name="By amount").click()
    await tablet.type_digits("5", "0", "0")
    await page.get_by_role("button", name="Add €5.00").click()
    await album.keep(page, "staff-split-amounts")
    await page.get_by_role("dialog").get_by_role("button", name="Evenly").click()
    await page.get_by_role("dialog").get_by_role("button", name="Split", exact=True).click()
    await tablet.choose("Share 1")
    await tablet.choose("€20.00")
    await album.keep(page, "staff-pay")
    sheet = await tablet.take()
    await album.keep(page, "staff-paid")
    await sheet.get_by_role("button", name="Done").click()


async def _elsewhere(album: Album, tablet: Waiter) -> None:
    """The drawer, its report, alarms, stations and the rest."""
    page = tablet.page
    await tablet.tab("Till").click()
    await page.get_by_role("region", name="Open shift").wait_for()
    await album.keep(page, "staff-till")
    await page.get_by_role("button", name="X report").click()
    await page.get_by_label("X report").first.wait_for()
    await album.keep(page, "staff-x-report")
    await page.keyboard.press("Escape")
    for tab in ("Stations", "Alarms", "More"):
        await tablet.tab(tab).click()
        await album.keep(page, f"staff-{tab.lower()}")
    await tablet.tab("Floor").click()
