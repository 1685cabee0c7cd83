"""Every view of the staff page on every kind of device, by day and by night: big, legible, reachable."""

from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser.audit import hold, measure
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser

_DEVICES = [(TABLET, "light"), (TABLET, "dark"), (PHONE, "dark"), (PHONE, "light"), (DESK, "light")]


@pytest.mark.parametrize(
    ("size", "scheme"), _DEVICES, ids=["tablet-day", "tablet-night", "phone-night", "phone-day", "desk"]
)
async def test_every_view_is_for_thumbs_and_tired_eyes(
    browser: Browser, box: Box, size: dict[str, int], scheme: Literal["light", "dark"]
) -> None:
    tablet = Waiter(await browser.device(TABLET))
    await tablet.sign_in(box.url, "mia")
    await tablet.page.get_by_role("heading", name="Floor").wait_for()
    await tablet.open_table("T1")
    await tablet.tap("Soup", "Wine")
    await tablet.cart_line("Wine").wait_for()
    await tablet.send()

    one = Waiter(await browser.device(size, scheme))
    await one.page.goto(f"{box.url}/staff")
    await hold(one.page.get_by_role("button", name="Sign in"), "signing in")
    await one.sign_in(box.url, "mia")
    await hold(one.tile("T1"), "floor")
    views = {
        "floor/TABLE2": "T2 is free",
        "floor/TABLE1/order": "Steak",
        "floor/TABLE1/bill": "Total",
        "till": "No shift is open",
        "alarms": "Nothing wants you",
        "more": "Not yet in the cloud",
    }
    for address, words in views.items():
        await one.page.evaluate(f"location.hash = '#/{address}'")
        await hold(one.page.get_by_text(words).first, address)


@pytest.mark.parametrize(("size", "scheme"), _DEVICES[:3], ids=["tablet-day", "tablet-night", "phone"])
async def test_every_sheet_is_too(
    browser: Browser, box: Box, size: dict[str, int], scheme: Literal["light", "dark"]
) -> None:
    ann = Waiter(await browser.device(size, scheme))
    await ann.sign_in(box.url)
    await ann.open_table("T1")
    await ann.page.get_by_role("button", name="Steak").click()
    await hold(ann.page.get_by_role("dialog", name="Steak"), "a dish")
    await ann.page.keyboard.press("Escape")
    await ann.page.get_by_role("button", name="Table", exact=True).last.click()
    await hold(ann.page.get_by_role("dialog").get_by_role("button", name="Move"), "who sits where")
    await ann.page.keyboard.press("Escape")
    await ann.tap("Soup", "Wine")
    if size == PHONE:
        await ann.page.get_by_role("button", name="Cart and orders").click()
        await hold(ann.page.get_by_role("dialog").get_by_role("button", name="Change Wine"), "the cart")
    await ann.page.get_by_role("button", name="Send to kitchen").locator("visible=true").click()
    await expect(ann.page.get_by_role("link", name="Bill")).to_contain_text("€12.20")
    await ann.to_bill()
    await ann.page.get_by_role("button", name="Change Soup").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Void").click()
    await hold(ann.page.get_by_role("dialog").get_by_role("button", name="Mia"), "a void")
    await ann.page.keyboard.press("Escape")
    if size == PHONE:
        await ann.page.get_by_role("button", name="Take money").click()
    pay = ann.page.get_by_role("region", name="Pay").locator("visible=true")
    await pay.get_by_role("button", name="Split the bill").click()
    await hold(ann.page.get_by_role("dialog", name="Split the bill"), "a split")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Split", exact=True).click()
    await pay.get_by_role("button", name="Share 1").click()
    await pay.get_by_role("button", name="Take €6.10 in cash").click()
    await hold(ann.page.get_by_role("dialog", name="Paid"), "what was paid")


async def test_what_is_too_small_or_too_faint_is_found(browser: Browser) -> None:
    page = await browser.device()
    await page.set_content(
        "<body style='background:#fff'><button style='height:30px'>Small</button>"
        "<p style='color:#999'>Faint</p><p style='opacity:0.4'>Dim</p><p style='color:#666'>Plain</p>"
        "<div style='width:1000px'>Wide</div>"
    )
    found = await measure(page.locator("body"))
    assert [each.partition(":")[0] for each in found.small] == ["Small"]
    assert [each.partition(":")[0] for each in found.faint] == ["Faint", "Dim"]
    assert found.sideways_px > 500


async def test_what_is_still_to_come_is_waited_for_before_it_is_measured(browser: Browser) -> None:
    page = await browser.device()
    await page.set_content(
        "<style>dialog[open] { animation: rise 300ms } @keyframes rise { from { opacity: 0 } }</style>"
        "<p>Behind</p><dialog><p>Risen</p></dialog>"
        "<script>setTimeout(() => document.querySelector('dialog').showModal(), 200)</script>"
    )
    await hold(page.get_by_role("dialog"))
    await page.set_content("<div style='width: 9px; height: 9px'></div>")
    with pytest.raises(AssertionError, match="nothing to be read"):
        await hold(page.locator("div"))


async def test_a_table_is_opened_and_ordered_for_with_the_keyboard_alone(browser: Browser, box: Box) -> None:
    one = Waiter(await browser.device(DESK))
    await one.sign_in(box.url)
    await one.tile("T1").wait_for()
    keys = one.page.keyboard
    await _tab_to(one.page, "T1")
    await keys.press("Enter")
    await one.page.get_by_role("button", name="Open table").wait_for()
    await _tab_to(one.page, "Open table")
    await keys.press("Enter")
    await one.page.get_by_role("region", name="Menu").wait_for()
    await _tab_to(one.page, "Soup")
    await keys.press("Enter")
    await one.cart_line("Soup").wait_for()
    await _tab_to(one.page, "Send to kitchen")
    ring: str = await one.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    await keys.press("Enter")
    await expect(one.page.get_by_role("region", name="Orders")).to_contain_text("K-1")


async def _tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on something that says so."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused: str = await page.evaluate("document.activeElement.textContent ?? ''")
        if focused.startswith(words):
            return
    raise AssertionError(f"the keyboard does not get to {words}")
