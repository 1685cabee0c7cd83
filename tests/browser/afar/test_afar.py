"""Owners command their venue and drill an outage; the staff approves what came during one.

All in real browsers.
"""

from playwright.async_api import Page, expect

from tests.browser.owner.test_owner_page import VENUE, sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked
from tests.integration.afar.test_far_guests import became, far, order_of


async def open_tab(page: Page, stand: Linked, name: str) -> None:
    await sign_in(page, stand.cloud.url)
    detail = page.get_by_role("region", name=VENUE)
    await detail.get_by_role("link", name=name).click()


async def sign_in_as_manager(page: Page, stand: Linked) -> None:
    """The manager signs in on a tablet of the venue."""
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    await page.goto(f"{stand.box.url}/staff")
    await page.get_by_label("User").fill(manager.user)
    for digit in manager.pin:
        await page.get_by_role("button", name=digit, exact=True).click()
    await page.get_by_role("button", name="Sign in").click()


async def test_a_dish_is_taken_off_from_afar(stand: Linked, browser: Browser) -> None:
    page = await browser.device(PHONE)
    await open_tab(page, stand, "Commands")
    await page.get_by_role("button", name="Sold out").click()
    sheet = page.get_by_role("dialog", name="Sold out")
    await sheet.get_by_label("Dish").select_option(label="Margherita")
    await sheet.get_by_role("button", name="Sold out").click()
    outcome = page.get_by_role("listitem").filter(has_text="Margherita: sold out")
    await expect(outcome).to_contain_text("Marked as sold out.")
    await expect(outcome.get_by_text("Done", exact=True)).to_be_visible()
    assert stand.state("stock:17").off


async def test_the_staff_sends_a_late_order_to_the_kitchen(stand: Linked, browser: Browser) -> None:
    seat = await stand.sit_down()
    await stand.offline()
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]["command_id"]
    await stand.aged(60)
    await stand.online()
    page = await browser.device(DESK)
    await sign_in_as_manager(page, stand)
    await page.get_by_role("link", name="Approvals").click()
    card = page.get_by_role("listitem").filter(has_text="Chinu")
    await expect(card).to_contain_text("Margherita")
    await card.get_by_role("button", name="Send to the kitchen").click()
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert (await became(stand, sent))["status"] == "DONE"


async def test_an_owner_drills_and_reads_the_report(stand: Linked, browser: Browser) -> None:
    owner, tablet = await browser.device(DESK), await browser.device(PHONE)
    await open_tab(owner, stand, "Drills")
    await owner.get_by_role("button", name="Begin a drill of 5 min").click()
    report = owner.get_by_role("article")
    await expect(report).to_contain_text("The link is cut")
    await sign_in_as_manager(tablet, stand)
    await expect(tablet.get_by_text("cut on purpose until")).to_be_visible()
    await tablet.get_by_role("link", name="More").click()
    await tablet.get_by_role("button", name="Let it come back now").click()
    await expect(tablet.get_by_role("article", name="The last drill")).to_contain_text("Nobody ordered")
    await expect(report).to_contain_text("ended early by the staff")
    await expect(report.get_by_text("In step")).to_be_visible()


async def test_a_refund_is_decided_from_the_list_after_an_outage(stand: Linked, browser: Browser) -> None:
    seat = await stand.sit_down()
    sent = (await far(stand, "POST", "orders", order_of(seat), seat["ws_token"]))[1]["command_id"]
    placed = await became(stand, sent)
    order_id = placed["result"]["order_id"]
    await stand.outcome(await stand.ask({"kind": "cancel_order", "order_id": order_id, "reason": "too late"}))
    page = await browser.device(PHONE)
    await open_tab(page, stand, "After an outage")
    group = page.get_by_role("region", name="Refunds to decide")
    await expect(group).to_contain_text(order_id)
    await group.get_by_role("button", name="Grant").click()
    await expect(page.get_by_text("Nothing is left to do")).to_be_visible()
