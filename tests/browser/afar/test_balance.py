"""A guest sees their own balance on their own phone, by a code of the counter, without internet, too."""

from playwright.async_api import expect

from tests.browser.audit import hold
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked


async def spent(stand: Linked) -> None:
    """Mia has paid in thirty euros and played for ten."""
    await stand.staff("POST", "accounts/mia/credit", {"amount": 30.0, "mid": "paid-in-0001"})
    station = stand.venue.play_stations[0].id
    body = {"station_id": station, "duration": 60, "payment_method": "BALANCE", "amount": 10.0}
    await stand.staff("POST", "sessions/start", {**body, "user_id": "mia"})


async def shown_code(stand: Linked, tablet: Waiter, on_it: str) -> str:
    """What the tablet shows for Mia's camera, to be typed."""
    manager = next(each for each in stand.venue.staff if each.role == "manager")
    await tablet.sign_in(stand.box.url, manager.user, manager.pin)
    page = tablet.page
    await page.get_by_role("link", name="Till").click()
    card = page.get_by_role("region", name="Balances")
    await card.get_by_role("button", name="Show it on the guest's phone").click()
    await expect(card.get_by_role("alert")).to_have_text("Say whose balance it is.")
    await card.get_by_label("Whose balance?").fill("mai")
    await card.get_by_role("button", name="Show it on the guest's phone").click()
    await expect(card.get_by_role("alert")).to_contain_text("Nobody has a balance under this name")
    await card.get_by_label("Whose balance?").fill("mia")
    await expect(card.get_by_text(f"{on_it} on it")).to_be_visible()
    await card.get_by_role("button", name="Show it on the guest's phone").click()
    sheet = page.get_by_role("dialog", name="Balance on the phone")
    await expect(sheet.get_by_role("img", name="Code of the balance's page")).to_be_visible()
    return await sheet.locator("strong.number").inner_text()


async def test_a_guest_sees_their_balance_with_and_without_the_internet(
    stand: Linked, browser: Browser
) -> None:
    await spent(stand)
    code = await shown_code(stand, Waiter(await browser.device(DESK)), "€20.00")
    phone, other = await browser.device(PHONE), await browser.device(PHONE)
    await phone.goto(f"{stand.box.url}/balance")
    await phone.get_by_label("Code").fill("nope")
    await phone.get_by_label("Code").press("Enter")
    await expect(phone.get_by_role("alert")).to_contain_text("used already or has run out")
    await phone.goto(f"{stand.box.url}/balance#{code}")
    await expect(phone.get_by_label("Balance", exact=True)).to_contain_text("€20.00")
    await expect(phone).to_have_url(f"{stand.box.url}/balance")
    rows = phone.get_by_role("region", name="Statement").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Played")
    await hold(phone.get_by_role("status").filter(has_text="This is what you can spend at"))
    await other.goto(f"{stand.box.url}/balance#{code}")
    await expect(other.get_by_role("alert")).to_contain_text("used already or has run out")
    await stand.offline()
    await phone.reload()
    await expect(phone.get_by_role("status")).to_contain_text("has no internet since")
    await expect(phone.get_by_role("status")).to_contain_text("only here")
    await expect(rows).to_have_count(2)
    await phone.get_by_role("button", name="Sign this phone out").click()
    await expect(phone.get_by_label("Code")).to_be_visible()
    await phone.reload()
    await expect(phone.get_by_label("Code")).to_be_visible()
