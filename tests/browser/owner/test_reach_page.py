"""A manager of one venue: bound by an owner, sees that venue alone, and says there what is different."""

from playwright.async_api import Page, expect

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import VENUE, sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.cloud.conftest import OWNER

OTHER = "Pier 9"
DISH = "Croissant"


async def _publish(page: Page, venues: str) -> None:
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_role("button", name=f"Publish to {venues}").click()
    await expect(page.get_by_role("dialog")).to_contain_text("is on its way")
    await page.get_by_role("button", name="Done").click()


async def _invited(owner: Page) -> str:
    """The link for a manager of the first venue."""
    await owner.get_by_role("link", name="Team").click()
    await owner.get_by_role("button", name="Invite somebody").click()
    sheet = owner.get_by_role("dialog", name="Invite somebody")
    await sheet.get_by_label("E-mail").fill("eve@example.com")
    await sheet.get_by_label("Only at").check()
    await expect(sheet.get_by_role("button", name="Make the link")).to_be_disabled()
    await sheet.get_by_label(VENUE, exact=True).check()
    await sheet.get_by_role("button", name="Make the link").click()
    link = await sheet.get_by_label("Send them this link").input_value()
    await sheet.get_by_role("button", name="Done").click()
    return link


async def test_a_manager_of_one_venue_has_that_and_no_other(
    browser: Browser, cloud: Serving, venue: NewVenue
) -> None:
    await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
    await founding.create_venue(cloud.pool, OWNER, OTHER, venue_file.load(sample("venue.json")))
    owner, eve = await browser.device(DESK), await browser.device(PHONE)
    await sign_in(owner, cloud.url)
    await owner.get_by_role("link", name="Menu").click()
    await _publish(owner, "2 venues")

    await eve.goto(await _invited(owner))
    await eve.get_by_label("Your name").fill("Eve")
    await eve.get_by_label("A password").fill("long enough for her")
    await eve.get_by_role("button", name="Join").click()
    await expect(eve.get_by_role("heading", name=VENUE).first).to_be_visible()
    await expect(eve.get_by_text(OTHER)).to_have_count(0)

    await eve.get_by_role("link", name="Menu").click()
    await expect(eve.get_by_text("You say what is different at your venues.")).to_be_visible()
    await expect(eve.get_by_role("button", name="Add category")).to_have_count(0)
    await eve.get_by_role("button", name=DISH).first.click()
    sheet = eve.get_by_role("dialog", name=DISH)
    await expect(sheet.get_by_label("Price (EUR)", exact=True)).to_be_disabled()
    await sheet.get_by_label(f"Price at {VENUE}").fill("2,90")
    await sheet.get_by_role("button", name="Close").click()
    await expect(eve.get_by_text("1 change since version 1. Everything is saved.")).to_be_visible()
    await _publish(eve, "1 venue")
    await expect(eve.get_by_text("Published as version 2.")).to_be_visible()

    await owner.reload()
    row = owner.get_by_role("listitem").filter(has_text="eve@example.com")
    await expect(row.get_by_text(f"Only {VENUE}")).to_be_visible()
    await row.get_by_role("button", name="Where Eve may act").click()
    where = owner.get_by_role("dialog", name="Where Eve may act")
    await where.get_by_label(VENUE, exact=True).uncheck()
    await where.get_by_label(OTHER).check()
    await where.get_by_role("button", name="Save").click()
    await expect(row.get_by_text(f"Only {OTHER}")).to_be_visible()
    await eve.reload()
    await eve.get_by_role("link", name="Venues").click()
    await expect(eve.get_by_role("heading", name=OTHER).first).to_be_visible()
    await expect(eve.get_by_text(VENUE)).to_have_count(0)


async def test_a_token_is_bound_like_a_role(browser: Browser, cloud: Serving, venue: NewVenue) -> None:
    await founding.create_venue(cloud.pool, OWNER, OTHER, venue_file.load(sample("venue.json")))
    owner = await browser.device(PHONE)
    await sign_in(owner, cloud.url)
    await expect(owner.get_by_role("link", name=VENUE)).to_be_visible()
    await owner.goto(f"{cloud.url}/#team")
    await owner.get_by_role("button", name="Make a token").click()
    sheet = owner.get_by_role("dialog", name="Make a token")
    await sheet.get_by_label("What is it for?").fill("Till")
    await sheet.get_by_label("Venues, their links").check()
    await sheet.get_by_label("Only at").check()
    await expect(sheet.get_by_role("button", name="Make it")).to_be_disabled()
    await sheet.get_by_label(OTHER).check()
    await sheet.get_by_role("button", name="Make it").click()
    token = await sheet.get_by_label("Your token").input_value()
    await sheet.get_by_role("button", name="Done").click()
    row = owner.get_by_role("listitem").filter(has_text="venues:read")
    await expect(row.get_by_text(f"Only {OTHER}")).to_be_visible()
    seen = await owner.request.get(f"{cloud.url}/api/venues", headers={"Authorization": f"Bearer {token}"})
    assert [each["name"] for each in (await seen.json())["venues"]] == [OTHER]
    await row.get_by_role("button", name="Where Till may act").click()
    where = owner.get_by_role("dialog", name="Where Till may act")
    await where.get_by_label("Everywhere").check()
    await where.get_by_role("button", name="Save").click()
    await expect(row.get_by_text(f"Only {OTHER}")).to_have_count(0)
