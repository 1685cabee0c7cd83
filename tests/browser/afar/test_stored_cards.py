"""Cards in an outage on both pages: the owner allows them, the staff stores, marks and declines."""

from playwright.async_api import Page, expect

from tests.browser.owner.test_owner_page import VENUE, sign_in
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked, eventually
from tests.integration.afar.test_stored_cards import card, owing


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("region", name=VENUE).get_by_role("link", name=name, exact=True).click()


async def _allowed(stand: Linked) -> bool:
    return bool(stand.state("venue:venue").config.offline_cards.allowed)


async def test_cards_that_only_the_terminal_knows_of(stand: Linked, browser: Browser) -> None:
    owner = await browser.device(DESK)
    await sign_in(owner, stand.cloud.url)
    await _tab(owner, "Cards")
    await owner.get_by_label("Take cards that only").check()
    await owner.get_by_label("At most for one payment").fill("20,00")
    await owner.get_by_label("At most for all").fill("25.00")
    await owner.get_by_role("button", name="Save").click()
    await eventually(lambda: _allowed(stand))
    bill = await owing(stand)
    await card(stand, bill, 2000, "card-000001")
    await stand.offline()
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    tablet = Waiter(await browser.device(PHONE))
    await tablet.sign_in(stand.box.url, manager.user, manager.pin)
    await tablet.tile(stand.venue.tables[0].name).click()
    await tablet.to_bill()
    page = tablet.page
    await page.get_by_role("button", name="Take money").click()
    await page.get_by_role("button", name="Stored", exact=True).click()
    await page.get_by_role("button", name="The terminal has stored it").click()
    strip = page.locator(".unsent")
    await expect(strip).to_contain_text("€20.00 on 1 stored card, not sent")
    second = await card(stand, bill, 600, "card-000002")
    await page.get_by_role("button", name="Stored", exact=True).click()
    await page.get_by_role("button", name="The terminal has stored it").click()
    beyond = page.get_by_role("dialog", name="More than may be stored")
    await beyond.get_by_role("button", name="Regular guest").click()
    await beyond.get_by_label("Manager's PIN").fill(manager.pin)
    await beyond.get_by_role("button", name="Store it all the same").click()
    await expect(strip).to_contain_text("€26.00 on 2 stored cards")
    assert stand.state(f"stored:{second}").stored.over == ("total",)
    await page.get_by_role("button", name="Close", exact=True).click()
    await strip.click()
    rows = page.get_by_role("region", name="Stored cards").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await rows.first.get_by_role("button", name="Sent", exact=True).click()
    await expect(rows).to_have_count(1)
    await stand.online()
    await _tab(owner, "After an outage")
    await owner.get_by_role("button", name="It was declined").click()
    await expect(strip).to_have_count(0)
    await expect(owner.get_by_text("A stored card was declined")).to_be_visible()
