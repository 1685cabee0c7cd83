"""Pictures of what happens while box and cloud cannot reach each other, on both sides and after it."""

from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.browser.afar.test_afar import open_tab
from tests.browser.afar.test_credit import ask_to_play, set_cap
from tests.browser.afar.test_far_page import DISH, join, open_page, sent
from tests.browser.album import Album
from tests.browser.venue import DESK, PHONE, TABLET, Browser
from tests.integration.afar.linked import Linked, eventually, linked
from tests.integration.afar.test_credit import lends


async def apart(album: Album, browser: Browser, directory: Path, postgres_url: str) -> None:
    """A venue of its own, in a database of its own beside the one that is named."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE DATABASE apart")
    await connection.close()
    beside = urlsplit(postgres_url)._replace(path="/apart").geturl()
    async with linked(directory / "apart", beside) as stand:
        await credit(album, browser, stand)
        await far(album, browser, stand)


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
    """A phone on mobile data and a desk, through an outage."""
    devices = (
        ("phone", await browser.device(PHONE, scale=2), 1),
        ("desk", await browser.device({"width": 1280, "height": 800}, "dark"), 2),
    )
    for name, page, table in devices:
        await open_page(page, stand, table)
        await album.keep(page, f"far-{name}-menu")
        await page.get_by_role("button", name=f"Add {DISH}").click()
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
        await page.get_by_text("Order placed").last.wait_for()
        await album.keep(page, f"far-{name}-placed")
        await page.get_by_role("button", name="Order something else").last.click()
    await stand.offline()
    for name, page, _ in devices:
        await page.get_by_text("The venue has no internet at the moment.").first.wait_for()
        if name == "phone":
            await page.get_by_role("button", name="Close").click()
        await album.keep(page, f"far-{name}-no-internet")
        await page.get_by_role("button", name=f"Add {DISH}").click()
        if name == "phone":
            await page.locator(".bottom-cart").click()
        await page.get_by_role("button", name="Place Order").last.click()
        await page.get_by_text("nothing is cooked before that").last.wait_for()
        await album.keep(page, f"far-{name}-waits")
    await eventually(lambda: sent(stand, 4))
    await stand.aged(60)
    await stand.online()
    for name, page, _ in devices:
        await page.get_by_text("The staff is looking at it").last.wait_for()
        await album.keep(page, f"far-{name}-held")
    for held in (await stand.staff("GET", "approvals"))["orders"]:
        await stand.staff("POST", f"approvals/{held['command_id']}", {"approve": False})
    for name, page, _ in devices:
        await page.get_by_text("Not ordered").last.wait_for()
        await album.keep(page, f"far-{name}-refused")
        await page.context.set_offline(True)
        await page.get_by_text("No connection.").wait_for()
        await album.keep(page, f"far-{name}-no-connection")
