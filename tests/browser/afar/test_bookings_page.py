"""The owner looks at a venue's bookings, sees the counter's changes, and gives a late deposit back."""

from playwright.async_api import Locator, Page, expect

from tests.browser.afar.test_afar import open_tab
from tests.browser.audit import hold
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked
from tests.integration.afar.test_bookings import asks_for_deposits, book, tomorrow


async def a_year_is_typed(page: Page, card: Locator) -> None:
    """Digit by digit, and once one too many: the venue is asked about days only."""
    field = card.get_by_label("Day", exact=True)
    today = await field.input_value()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "date=" in request.url else None)
    await field.fill("20000-01-01")
    await field.blur()
    await expect(field).to_have_value(today)
    await field.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    in_four_years = f"{int(today[:4]) + 4}{today[4:]}"
    async with page.expect_request(f"**/bookings?date={in_four_years}"):
        await page.keyboard.type(in_four_years[:4])
    await expect(field).to_have_value(in_four_years)
    await expect(card.get_by_text("Nothing is booked on")).to_be_visible()
    assert {url.split("date=")[1] for url in asked} == {in_four_years}


async def test_bookings_are_seen_as_they_change_and_what_is_owed_is_given_back(
    stand: Linked, browser: Browser
) -> None:
    station = await asks_for_deposits(stand)
    owner, phone = await browser.device(DESK), await browser.device(PHONE)
    await open_tab(owner, stand, "Bookings")
    card = owner.get_by_role("region", name="Bookings")
    await expect(card.get_by_text("Nothing is booked on")).to_be_visible()
    await hold(card)
    await a_year_is_typed(owner, card)
    day, noon = await tomorrow(stand)
    anna = await book(stand, station, noon, "Anna")
    dora = await book(stand, station, noon + 90, "Dora", deposit_method="CARD")
    await card.get_by_label("Day", exact=True).fill(day)
    await card.get_by_label("Day", exact=True).blur()
    row = card.get_by_role("listitem").filter(has_text="Anna")
    await expect(row).to_contain_text("held for the guest")
    await expect(card.get_by_text("Deposits held for guests of all days: €3.00")).to_be_visible()
    await stand.staff("POST", f"bookings/{anna['id']}/cancel", {"mid": "cancel-of-anna"})
    await stand.staff("POST", f"bookings/{dora['id']}/cancel", {"mid": "cancel-of-dora"})
    await stand.staff("POST", f"payments/{dora['payment_id']}/progress", {"state": "COMPLETED"})
    await expect(row).to_contain_text("given back")
    await expect(row).to_contain_text("cancelled")
    late = card.get_by_role("listitem").filter(has_text="Dora")
    await expect(late).to_contain_text("to be given back")
    await hold(late)

    await open_tab(phone, stand, "Bookings")
    on_phone = phone.get_by_role("region", name="Bookings")
    await on_phone.get_by_label("Day", exact=True).fill(day)
    await on_phone.get_by_label("Day", exact=True).blur()
    await hold(on_phone.get_by_role("listitem").filter(has_text="Dora"))
    await on_phone.get_by_role("link", name="Give it back…").click()
    await phone.get_by_role("button", name="Give it back").click()
    await expect(phone.get_by_text("The staff has it on its list, to give it back.")).to_be_visible()
    (request,) = (await stand.staff("GET", "approvals"))["refunds"]
    await stand.staff("POST", f"refund_requests/{request['request_id']}", {"granted": True})
    await expect(late).not_to_contain_text("to be given back")
    await expect(late).to_contain_text("given back")
    await expect(phone.get_by_text("Nothing is left to do")).to_be_visible()
