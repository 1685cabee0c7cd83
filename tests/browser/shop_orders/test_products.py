"""A shirt in a size and a colour, designed at home, whose price its owner changes on a phone meanwhile."""

from playwright.async_api import Page, expect

from cloud.app import Serving
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.shop_orders.shopper import Shopper

WITHIN_MS = 45_000


async def _fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"


async def test_a_shirt_is_chosen_in_its_size_and_sold_at_the_price_that_was_published(
    browser: Browser, cloud: Serving, shopper: Shopper
) -> None:
    expect.set_options(timeout=WITHIN_MS)
    owner = await browser.device(PHONE)
    await sign_in(owner, cloud.url)
    await owner.goto(f"{cloud.url}/#shop/products")
    await owner.get_by_role("link", name="T-shirt").click()
    await owner.get_by_label("Price (EUR)").fill("19.90")
    await owner.get_by_label("XL, kelp green").uncheck()
    await owner.get_by_role("button", name="Save").click()
    await expect(owner.get_by_text("1 change not published.")).to_be_visible()
    await owner.get_by_role("link", name="Add a product").click()
    await owner.get_by_label("Name", exact=True).fill("Poster")
    await owner.get_by_label("Price (EUR)").fill("12")
    await owner.get_by_role("button", name="Save").click()
    await owner.get_by_role("button", name="Publish…").click()
    sheet = owner.get_by_role("dialog", name="Publish")
    await expect(sheet).to_contain_text("T-shirt: €24.90 → €19.90")
    await expect(sheet).to_contain_text("Poster: new, €12.00")
    await _fits(owner)
    await sheet.get_by_role("button", name="Publish").click()
    await expect(owner.get_by_text("Published.")).to_be_visible()

    guest = await browser.device(DESK)
    await guest.goto(f"{cloud.url}/shop/{shopper.venue.venue_id}")
    await expect(guest.get_by_role("button", name="Poster")).to_contain_text("€12.00")
    await guest.get_by_role("button", name="T-shirt").click()
    await guest.get_by_label("Text", exact=True).fill("Ahoy")
    await guest.get_by_role("button", name="XL", exact=False).click()
    await expect(guest.get_by_role("button", name="kelp green")).to_be_disabled()
    await guest.get_by_role("button", name="navy").click()
    await expect(guest.get_by_label("Order").get_by_text("€22.90")).to_be_visible()
    await expect(guest.locator(".editor-standing")).to_contain_text("Saved")
    await guest.get_by_role("button", name="Order now").click()
    await expect(guest.get_by_text("T-shirt, XL, navy").first).to_be_visible()
    await _fits(guest)
