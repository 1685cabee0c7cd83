"""A manager lets somebody in at a venue, who signs in there a moment later; and lets them go again."""

from playwright.async_api import expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import VENUE, sign_in
from tests.browser.people import Cook
from tests.browser.venue import DESK, PHONE, Box, Browser
from tests.open_box import until


def hash_of_bo(box: Box) -> str:
    """What Bo's PIN is held against at the venue; empty while nobody there has heard of Bo."""
    venue = box.app.hot.committed_venue()
    assert venue is not None
    return next((each.pin_hash for each in venue.config.staff if each.user == "bo"), "")


async def test_somebody_new_signs_in_at_the_venue(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page = await browser.device(PHONE)
    await sign_in(page, cloud.url)
    await page.get_by_role("region", name=VENUE).get_by_role("link", name="Staff").click()
    await page.get_by_role("button", name="Add somebody").click()
    sheet = page.get_by_role("dialog", name="Add somebody")
    await sheet.get_by_label("Name").fill("Bo Berg")
    await sheet.get_by_label("Signs in as").fill("bo")
    await sheet.get_by_label("Role").select_option("cook")
    await sheet.get_by_label("PIN").fill("4711")
    await sheet.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("listitem").filter(has_text="Bo Berg")
    await expect(row).to_contain_text("signs in as bo")
    await until(lambda: hash_of_bo(box) != "")
    first_hash = hash_of_bo(box)

    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url, pin="4711", user="bo")
    await expect(cook.page.get_by_label("PIN")).to_have_count(0)

    await row.get_by_role("button", name="New PIN for Bo Berg").click()
    await row.get_by_label("PIN of Bo Berg").fill("90210")
    await row.get_by_role("button", name="Set").click()
    await expect(row.get_by_text("The new PIN is on its way")).to_be_visible()
    await until(lambda: hash_of_bo(box) != first_hash)
    again = Cook(await browser.device(DESK))
    await again.sign_in(box.url, pin="90210", user="bo")
    await expect(again.page.get_by_label("PIN")).to_have_count(0)

    await row.get_by_role("button", name="Remove Bo Berg").click()
    await row.get_by_role("button", name="Really remove").click()
    await expect(row).to_have_count(0)
