"""From the tablet onto paper: bills, receipts, reports and lost tickets out of a printer; and no paper."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from playwright.async_api import expect

from edge.core.commands import ConfigureVenue
from edge.journal.writer import Accepted
from firmware_profiles.emulators.escpos import EscPosEmulator
from protocol.facts.venue import PrinterConfig
from tests.browser.tablet import Waiter
from tests.browser.venue import TABLET, Box, Browser


@pytest.fixture
async def paper(box: Box) -> AsyncIterator[EscPosEmulator]:
    """A printer at the till that also prints the grill's tickets."""
    async with EscPosEmulator() as emulator:
        address, model = f"{emulator.host}:{emulator.port}", emulator.model.model
        printer = PrinterConfig("Till", address, model=model, stations=("grill",), receipts=True)
        venue = box.app.hot.committed_venue()
        assert venue is not None
        furnished = ConfigureVenue(msgspec.structs.replace(venue.config, printers=(printer,)))
        assert isinstance(await box.app.writer.execute(furnished), Accepted)
        yield emulator


async def ordered(browser: Browser, box: Box) -> Waiter:
    """Ann at T1, which has ordered a soup."""
    ann = Waiter(await browser.device(TABLET))
    await ann.sign_in(box.url)
    await ann.open_table("T1")
    await ann.tap("Soup")
    await ann.cart_line("Soup").wait_for()
    await ann.send()
    return ann


async def test_what_is_on_the_screen_comes_out_on_paper(
    browser: Browser, box: Box, paper: EscPosEmulator
) -> None:
    ann = await ordered(browser, box)
    page = ann.page
    await page.get_by_role("region", name="Orders").get_by_role("button", name="K-1").click()
    await page.get_by_role("button", name="Print ticket again").click()
    await expect(page.get_by_text("K-1 is printed again.")).to_be_visible()
    await ann.to_bill()
    await page.get_by_role("button", name="Print bill").click()
    first, again, bill = [slip.text for slip in await paper.printed(3)]
    assert ("1 × Soup" in first, "REPRINT" in first) == (True, False)
    assert ("1 × Soup" in again, "REPRINT" in again) == (True, True)
    assert ("BILL T1" in bill, "5.80" in bill, "not a receipt" in bill) == (True, True, True)

    sheet = await ann.take()
    for _ in range(2):
        await sheet.get_by_role("button", name="Print receipt 1").click()
    await sheet.get_by_role("button", name="Done").click()
    await ann.tab("Till").click()
    await page.get_by_role("button", name="X report").click()
    await page.get_by_role("dialog", name="X report").get_by_role("button", name="Print").click()
    slips = [slip.text for slip in await paper.printed(6)][3:]
    assert ["RECEIPT 1" in slip for slip in slips] == [True, True, False]
    assert ["REPRINT" in slip for slip in slips] == [False, True, False]
    assert "X REPORT" in slips[2]


async def test_a_printer_without_paper_is_an_alarm_with_its_name(
    browser: Browser, box: Box, paper: EscPosEmulator
) -> None:
    paper.run_out()
    ann = await ordered(browser, box)
    await ann.tab("Alarms").click()
    alarm = ann.page.get_by_text("Till is out of paper. Its slips wait.")
    await expect(alarm).to_be_visible()
    paper.mend()
    await expect(alarm).to_have_count(0)
    assert "1 × Soup" in (await paper.printed(1))[0].text


async def test_without_a_printer_the_tablet_says_so(browser: Browser, box: Box) -> None:
    ann = await ordered(browser, box)
    await ann.to_bill()
    await ann.page.get_by_role("button", name="Print bill").click()
    await expect(ann.page.get_by_role("alert").filter(has_text="printer")).to_be_visible()


async def test_a_token_that_is_worn_out_leads_back_to_the_pin(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    ann = await ordered(browser, box)
    await box.off()
    (box.directory / "token.secret").unlink()
    await box.on(tasks)
    await expect(ann.page.get_by_text("Please sign in again.")).to_be_visible()
    await expect(ann.page.get_by_role("button", name="Ann", exact=True)).to_be_visible()
