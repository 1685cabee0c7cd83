"""A guest pays in at the counter: found by some of a name, in cash, by card over a restart, given back."""

import asyncio

from playwright.async_api import Locator, Page, Route, expect

from edge.core.play.commands import CreditAccount
from edge.journal.writer import Accepted
from protocol.facts.account import COUNTER, Account
from tests.browser.audit import hold
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser


def balance(box: Box, user: str) -> int:
    """What is on it, by the box's own word."""
    account = box.app.hot.committed(f"account:{user}")
    return account.balance_minor if isinstance(account, Account) else 0


def balances(page: Page) -> Locator:
    """The part of the till that is about them."""
    return page.get_by_role("region", name="Balances")


async def begin(page: Page, name: str) -> Locator:
    """Whose balance it is; the sheet on which money is typed."""
    await balances(page).get_by_label("Whose balance?").fill(name)
    await balances(page).get_by_role("button", name="Pay in").click()
    sheet = page.get_by_role("dialog", name="Pay in")
    await sheet.wait_for()
    return sheet


async def cash(page: Page, name: str) -> Locator:
    """Twenty euros of a note of fifty; the sheet that says so."""
    sheet = await begin(page, name)
    await sheet.get_by_role("button", name="€20.00", exact=True).click()
    await sheet.get_by_role("button", name="Hands over").click()
    await sheet.get_by_role("button", name="€50.00", exact=True).click()
    await sheet.get_by_role("button", name="Take €20.00 in cash").click()
    paid = page.get_by_role("dialog", name="Paid in", exact=True)
    await paid.wait_for()
    return paid


async def test_a_guest_pays_in_and_has_some_of_it_back(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    mia = Waiter(await browser.device(TABLET))
    page = mia.page
    await mia.sign_in(box.url, "mia")
    await mia.tab("Till").click()
    await balances(page).get_by_role("button", name="Pay in").click()
    await expect(balances(page).get_by_role("alert")).to_have_text("Say whose balance it is.")
    paid = await cash(page, "leo")
    await expect(paid).to_contain_text("Change €30.00")
    await expect(paid.get_by_label("Slip")).to_contain_text("Balance after it")
    await paid.get_by_role("button", name="Done").click()
    assert balance(box, "leo") == 2000
    await expect(page.get_by_role("region", name="Open shift")).to_contain_text("Balances paid in (1)€20.00")

    await _by_card(box, page, tasks)
    await page.get_by_role("button", name="Done").click()
    await page.context.set_offline(True)
    await balances(page).get_by_role("button", name="Paid in last").click()
    last = page.get_by_role("dialog", name="Paid in last")
    await last.get_by_role("alert").wait_for()
    await page.context.set_offline(False)
    await last.get_by_role("button", name="Try again").click()
    await last.get_by_role("button", name="cash").click()
    await page.get_by_role("button", name="Give back").click()
    await expect(page.get_by_text("€20.00 leaves leo's balance and is given back in cash.")).to_be_visible()
    await mia.approve("Wrong amount")
    await page.get_by_role("button", name="Give €20.00 back").click()
    await expect(page.get_by_role("dialog", name="Paid in", exact=True)).to_contain_text("Given back")
    assert balance(box, "leo") == 1000


async def _by_card(box: Box, page: Page, tasks: asyncio.TaskGroup) -> None:
    """The box is away when the card is asked for; it is asked for once, and found by a part of the name."""
    field = balances(page).get_by_label("Whose balance?")
    await field.fill("le")
    await balances(page).get_by_role("button", name="leo €20.00").click()
    await expect(field).to_have_value("leo")
    sheet = await begin(page, "leo")
    await expect(sheet).to_contain_text("€20.00 on it now")
    await sheet.get_by_role("button", name="Card").click()
    await sheet.get_by_role("button", name="€10.00", exact=True).click()
    await box.off()
    await sheet.get_by_role("button", name="Take €10.00 by card").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("The box does not answer about €10.00")
    await box.on(tasks)
    paid = page.get_by_role("dialog", name="Paid in", exact=True)
    await expect(paid).to_contain_text("Waiting for the card")
    assert balance(box, "leo") == 2000
    waits = asyncio.Event()

    async def slowly(route: Route) -> None:
        await waits.wait()
        await route.continue_()

    await page.route("**/progress", slowly)
    await paid.get_by_role("button", name="Paid", exact=True).click()
    await expect(paid.get_by_role("button", name="Refused")).to_be_disabled()
    waits.set()
    await expect(paid.get_by_role("status")).to_contain_text("leo has €30.00 now")
    assert balance(box, "leo") == 3000


async def test_a_card_that_waited_for_long_has_its_end_shown(browser: Browser, box: Box) -> None:
    """More guests have paid in since than the list is long."""
    card = CreditAccount("leo", "in-of-leo", 1000, COUNTER, "staff:mia", method="CARD")
    later = (CreditAccount("ida", f"in-{number}", 100, COUNTER, "staff:mia") for number in range(31))
    for command in (card, *later):
        assert isinstance(await box.app.writer.execute(command), Accepted)
    waiter = Waiter(await browser.device(TABLET))
    page = waiter.page
    await waiter.sign_in(box.url, "mia")
    await waiter.tab("Till").click()
    await balances(page).get_by_role("button", name="Paid in last, 1 waiting").click()
    await page.get_by_role("dialog", name="Paid in last").get_by_role("button", name="leo").click()
    paid = page.get_by_role("dialog", name="Paid in", exact=True)
    await paid.get_by_role("button", name="Paid", exact=True).click()
    await expect(paid.get_by_role("status")).to_contain_text("leo has €10.00 now")
    await expect(paid.get_by_label("Slip")).to_contain_text("Balance after it")
    assert balance(box, "leo") == 1000


async def test_the_sheets_fit_every_screen(browser: Browser, box: Box) -> None:
    for size, name in ((PHONE, "ida"), (DESK, "bo")):
        waiter = Waiter(await browser.device(size))
        page = waiter.page
        await waiter.sign_in(box.url, "mia")
        await waiter.tab("Till").click()
        await hold(await begin(page, name), f"paying in {size}")
        await page.keyboard.press("Escape")
        paid = await cash(page, name)
        await hold(paid, f"paid in {size}")
        await paid.get_by_role("button", name="Done").click()
        await balances(page).get_by_role("button", name="Paid in last").click()
        last = page.get_by_role("dialog", name="Paid in last")
        await last.get_by_role("listitem").first.wait_for()
        await hold(last, f"the list {size}")
