"""A guest orders and pays in a real browser, the venue ships, mails arrive, and the guest orders again from
a link.
"""

import os
import re

from playwright.async_api import Page, expect

from cloud.app import Serving
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.jobs.mailbox import Mailbox
from tests.integration.shop_orders.shopper import Shopper, until

PATIENCE_MS = 45_000


async def _keep(page: Page, name: str) -> None:
    """A picture for whoever looks after the pages, where they say where to."""
    if os.environ.get("SHOP_PICTURES"):
        await page.screenshot(path=f"{os.environ['SHOP_PICTURES']}/{name}.png", full_page=True)


async def _order_form(page: Page, shopper: Shopper) -> None:
    """The form of this guest's design, in a browser that has their key."""
    start = f"{shopper.cloud.url}/shop/{shopper.venue.venue_id}/orders"
    await page.goto(f"{start}#history")
    await page.evaluate("key => localStorage.setItem('holdfast.shop.key', JSON.stringify(key))", shopper.key)
    await page.goto(f"{start}#new/{shopper.design_id}")
    await page.reload()
    await page.get_by_role("radio", name="Have it sent").check()
    for label, words in (("Street and number", "Am Kai 7"), ("Postcode", "20457"), ("Town", "Hamburg")):
        await page.get_by_label(label).fill(words)
    await page.get_by_label("Country").select_option("DE")
    await page.get_by_role("textbox", name="Name", exact=True).fill("Chinu")
    await page.get_by_label("E-mail").fill("chinu@example.com")
    await page.get_by_role("button", name="One more").click()


async def _arrived(mailbox: Mailbox, words: str) -> bool:
    return any(words in str(mail["Subject"]) for mail in mailbox.mails)


def _link(mailbox: Mailbox) -> str:
    for mail in mailbox.mails:
        body = mail.get_body(("plain",))
        found = re.search(r"http\S+#link/[\w-]+", body.get_content()) if body is not None else None
        if found:
            return found[0]
    raise AssertionError("no mail has a link")


async def test_from_a_design_to_the_door_and_once_more(
    browser: Browser, cloud: Serving, shopper: Shopper, mailbox: Mailbox
) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    guest = await browser.device(PHONE)
    await _order_form(guest, shopper)
    await expect(guest.get_by_role("button", name="Pay €34.70")).to_be_enabled()
    await _keep(guest, "order-form")
    assert await guest.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"
    await guest.get_by_role("button", name="Pay €34.70").click()
    await guest.wait_for_url("**/c/pay/**", timeout=PATIENCE_MS)
    await guest.locator("input[name=number]").fill("4242 4242 4242 4242")
    await guest.locator("button[type=submit], button:not([type])").first.click()
    await expect(guest.get_by_role("status").get_by_text("Paid", exact=True)).to_be_visible()
    await _keep(guest, "order-paid")
    await until(lambda: _arrived(mailbox, "thank you for order S-1"))

    desk = await browser.device(DESK)
    await sign_in(desk, cloud.url)
    await desk.get_by_role("link", name="Shop", exact=True).locator("visible=true").click()
    await expect(desk.get_by_role("link", name="2 × Mug")).to_be_visible()
    await _keep(desk, "staff-list")
    await desk.get_by_role("link", name="2 × Mug").click()
    await desk.get_by_role("button", name="Start making it").click()
    await expect(desk.get_by_text("being made", exact=True)).to_be_visible()
    await desk.get_by_role("button", name="Mark as shipped").click()
    await desk.get_by_label("Carrier").fill("DHL")
    await desk.get_by_label("Tracking number").fill("JD0146000012")
    await _keep(desk, "staff-ship")
    await desk.get_by_role("dialog").get_by_role("button", name="Mark as shipped").click()
    await expect(desk.get_by_text("on its way", exact=True)).to_be_visible()
    await _keep(desk, "staff-order")
    await until(lambda: _arrived(mailbox, "order S-1 is on its way"))
    await guest.reload()
    await expect(guest.get_by_text("JD0146000012")).to_be_visible()
    await _keep(guest, "order-shipped")

    other = await browser.device(PHONE, "dark")
    await other.goto(f"{cloud.url}/shop/{shopper.venue.venue_id}/orders#history")
    await expect(other.get_by_text("Nothing was ordered from this browser yet.")).to_be_visible()
    await other.get_by_label("E-mail").fill("chinu@example.com")
    await other.get_by_role("button", name="Send me a link").click()
    await until(lambda: _arrived(mailbox, "your orders"))
    await _keep(other, "history-asked")
    await other.goto(_link(mailbox))
    await other.get_by_role("button", name="Show my orders").click()
    await other.get_by_role("link", name="2 × Mug").click()
    await other.get_by_role("button", name="Order it again").click()
    await expect(other.get_by_role("heading", name="Order S-2")).to_be_visible()
    await expect(other.get_by_role("button", name="Pay €34.70")).to_be_enabled()
    await _keep(other, "order-again")

    phone = await browser.device(PHONE)
    await sign_in(phone, cloud.url)
    await phone.goto(f"{cloud.url}/#shop/shipping")
    await phone.get_by_label("Costs (EUR)").first.fill("5.20")
    await phone.get_by_role("button", name="Save").click()
    await expect(phone.get_by_label("Costs (EUR)").first).to_have_value("5.20")
    await _keep(phone, "staff-shipping")
    await phone.goto(f"{cloud.url}/#shop/all")
    await expect(phone.get_by_text("S-2")).to_be_visible()
    await _keep(phone, "staff-phone")
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"
