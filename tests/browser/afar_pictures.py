"""Pictures of what happens while box and cloud cannot reach each other, on both sides and after it."""

import io
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from PIL import Image, ImageDraw
from playwright.async_api import Page

from edge.core.commands import AdvanceTicket
from tests.browser.afar.test_afar import open_tab, sign_in_as_manager
from tests.browser.afar.test_credit import ask_to_play, set_cap
from tests.browser.afar.test_far_page import DISH, DISH_ID, join, open_page, put_in, sent
from tests.browser.album import Album
from tests.browser.venue import DESK, PHONE, TABLET, Browser
from tests.integration.afar.linked import Linked, eventually, linked
from tests.integration.afar.test_bookings import asks_for_deposits, book, tomorrow
from tests.integration.afar.test_credit import lends
from tests.integration.afar.test_dish_pictures import published, uploaded


async def apart(album: Album, browser: Browser, directory: Path, postgres_url: str) -> None:
    """A venue of its own, in a database of its own beside the one that is named."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE DATABASE apart")
    await connection.close()
    beside = urlsplit(postgres_url)._replace(path="/apart").geturl()
    async with linked(directory / "apart", beside) as stand:
        await bookings(album, browser, stand)
        await credit(album, browser, stand)
        await far(album, browser, stand)


async def bookings(album: Album, browser: Browser, stand: Linked) -> None:
    """A day of bookings as the owner sees it, and the deposit that came too late."""
    station = await asks_for_deposits(stand)
    day, noon = await tomorrow(stand)
    made = {
        name: await book(stand, station, noon + 90 * place, name, party=party, deposit_method=method)
        for place, (name, party, method) in enumerate(
            (("Anna", 4, "CASH"), ("Ben", 1, "CASH"), ("Dora", 2, "CARD"), ("Farid", 3, None))
        )
    }
    for name, reason in (("Ben", "rang up, has the flu"), ("Dora", "")):
        body = {"mid": f"cancel-of-{name}", "reason": reason}
        await stand.staff("POST", f"bookings/{made[name]['id']}/cancel", body)
    await stand.staff("POST", f"payments/{made['Dora']['payment_id']}/progress", {"state": "COMPLETED"})
    await stand.agree()
    for name, page in (
        ("desk", await browser.device(DESK)),
        ("phone", await browser.device(PHONE, "dark", scale=2)),
    ):
        await open_tab(page, stand, "Bookings")
        card = page.get_by_role("region", name="Bookings")
        await card.get_by_text("Nothing is booked on").wait_for()
        await album.keep(page, f"owner-{name}-bookings-none")
        await card.get_by_label("Day", exact=True).fill(day)
        await card.get_by_label("Day", exact=True).blur()
        await card.get_by_text("Anna").wait_for()
        await card.scroll_into_view_if_needed()
        await album.keep(page, f"owner-{name}-bookings")
        await card.get_by_role("link", name="Give it back…").click()
        await page.get_by_role("button", name="Give it back").wait_for()
        await album.keep(page, f"owner-{name}-deposit-owed")


async def credit(album: Album, browser: Browser, stand: Linked) -> None:
    """The venue stands in for a guest: the owner's rule, the counter, the list afterwards."""
    phone, desk = await browser.device(PHONE, "dark", scale=2), await browser.device(DESK)
    await set_cap(phone, stand, "20")
    await album.keep(phone, "owner-phone-house-rules")
    await open_tab(desk, stand, "House rules")
    await desk.get_by_label("the venue stands in for up to").wait_for()
    await album.keep(desk, "owner-desk-house-rules")
    await stand.staff("POST", "accounts/ben/credit", {"amount": 1.0, "mid": "paid-in-1"})
    await stand.offline()
    await eventually(lambda: lends(stand, "ben"))
    for name, page in (
        ("tablet", await browser.device(TABLET)),
        ("phone", await browser.device(PHONE, "dark")),
    ):
        await ask_to_play(page, stand, "ben", "1500")
        await page.get_by_role("button", name="Stand in for €14.00").wait_for()
        await album.keep(page, f"stations-{name}-on-credit")
    await page.get_by_role("button", name="Stand in for €14.00").click()
    await page.get_by_role("status").filter(has_text="The venue stands in.").wait_for()
    await stand.online()
    await stand.agree()
    for name, page in (("desk", desk), ("phone", phone)):
        await page.goto(page.url.partition("#")[0] + f"#venue/{stand.venue.venue_id}/reconciliation")
        await page.get_by_role("region", name="On the venue's credit").wait_for()
        await album.keep(page, f"owner-{name}-credit")


async def far(album: Album, browser: Browser, stand: Linked) -> None:
    """A phone on mobile data and a desk, through an outage; then a guest who comes in one."""
    for dish in (DISH_ID, 17, 3):
        _, picture = await uploaded(stand, plate(dish))
        assert (await published(stand, dish, picture=picture))[0] == 200
    devices = (
        ("phone", await browser.device(PHONE, scale=2), 1),
        ("desk", await browser.device({"width": 1280, "height": 800}, "dark"), 2),
    )
    for name, page, table in devices:
        await _orders_first(album, page, stand, name, table)
    await stand.offline()
    for name, page, _ in devices:
        await page.get_by_text("The venue has no internet at the moment.").first.wait_for()
        await album.keep(page, f"far-{name}-no-internet")
        await page.get_by_role("button", name=f"Add {DISH}").click()
        if name == "phone":
            await page.locator(".bottom-cart").click()
        await page.get_by_role("button", name="Place Order").last.click()
        await page.get_by_text("nothing is cooked before that").last.wait_for()
        await album.keep(page, f"far-{name}-waits")
    late = await browser.device(PHONE, "dark", scale=2)
    await open_page(late, stand, 3)
    await put_in(late)
    await late.get_by_role("button", name="Place Order").last.click()
    await late.get_by_role("dialog", name="Join the table").wait_for()
    await album.keep(late, "far-phone-join-in-an-outage")
    await join(late, stand)
    await late.get_by_text("your seat at the table comes with the order").last.wait_for()
    await album.keep(late, "far-phone-seat-waits")
    await eventually(lambda: sent(stand, 5))
    await stand.aged(60)
    await stand.online()
    for name, page, _ in devices:
        await page.get_by_text("The staff is looking at it").last.wait_for()
        await album.keep(page, f"far-{name}-held")
    tablet = await browser.device(TABLET)
    await sign_in_as_manager(tablet, stand)
    await tablet.get_by_role("link", name="Approvals").click()
    await tablet.get_by_text("Not at the table yet.").wait_for()
    await album.keep(tablet, "staff-tablet-approvals-afar")
    for held in (await stand.staff("GET", "approvals"))["orders"]:
        await stand.staff("POST", f"approvals/{held['command_id']}", {"approve": False})
    for name, page, _ in devices:
        await page.get_by_text("Not ordered").last.wait_for()
        await album.keep(page, f"far-{name}-refused")
    assert (await published(stand, DISH_ID, price_minor=590))[0] == 200
    for name, page, _ in devices:
        await page.get_by_text("The price has changed").last.wait_for()
        await album.keep(page, f"far-{name}-price")
        await page.context.set_offline(True)
        await page.get_by_text("No connection.").wait_for()
        await album.keep(page, f"far-{name}-no-connection")


async def _orders_first(album: Album, page: Page, stand: Linked, name: str, table: int) -> None:
    """From the menu to a dish that is ready, while another cannot be made."""
    await open_page(page, stand, table)
    await album.keep(page, f"far-{name}-menu")
    await page.get_by_role("button", name=f"Add {DISH}").click()
    await page.get_by_role("button", name="Add Pilsner 0.4 l").click()
    await page.get_by_role("button", name="Margherita, details", exact=True).click()
    await album.keep(page, f"far-{name}-dish")
    await page.get_by_role("dialog").get_by_role("button", name="Add ·").click()
    if name == "phone":
        await page.locator(".bottom-cart").click()
    await album.keep(page, f"far-{name}-cart")
    await page.get_by_role("button", name="Place Order").last.click()
    await page.get_by_role("dialog", name="Join the table").wait_for()
    await album.keep(page, f"far-{name}-join")
    await join(page, stand)
    await page.get_by_role("dialog", name="Order placed").wait_for()
    await album.keep(page, f"far-{name}-placed")
    await page.get_by_role("button", name="Continue").click()
    for ticket, station in stand.box.app.reader.execute("SELECT ticket, station FROM tickets").fetchall():
        state = "rejected" if station == "bar" else "preparing"
        await stand.box.app.writer.execute(AdvanceTicket(ticket, station, state, "cook"))
    if name == "phone":
        await page.locator(".bottom-orders").click()
    await page.get_by_text("The kitchen cannot make all of it").last.wait_for()
    await album.keep(page, f"far-{name}-orders")
    if name == "phone":
        await page.keyboard.press("Escape")


def plate(seed: int) -> bytes:
    """A dish as a camera might see it from above."""
    image = Image.new("RGB", (1200, 900), (205, 178, 142))
    brush = ImageDraw.Draw(image)
    brush.ellipse((220, 70, 980, 830), fill=(248, 246, 240))
    brush.ellipse((300, 150, 900, 750), fill=(214, 120 + seed * 5 % 90, 60))
    for turn in range(9):
        x, y = 420 + turn * 157 % 380, 270 + turn * 211 % 360
        brush.ellipse((x, y, x + 60, y + 44), fill=(60 + turn * 17, 110, 50))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
