"""Money that goes the other way: a discount, a refund, cash out of the drawer; a bill that was left."""

from playwright.async_api import Locator, expect

from protocol.facts.bill import Bill
from tests.browser.tablet import Waiter
from tests.browser.venue import PIN, TABLET, Box, Browser


async def manager(browser: Browser, box: Box) -> Waiter:
    """Mia, with a bill of T1 in sight."""
    mia = Waiter(await browser.device(TABLET))
    await mia.sign_in(box.url, "mia")
    await mia.open_table("T1")
    await mia.tap("Soup", "Wine")
    await mia.cart_line("Wine").wait_for()
    await mia.send()
    await mia.to_bill()
    return mia


def bill(mia: Waiter) -> Locator:
    """What is owed."""
    return mia.page.get_by_role("region", name="Bill")


async def test_a_discount_a_refund_and_cash_out_are_in_the_report(browser: Browser, box: Box) -> None:
    mia = await manager(browser, box)
    page = mia.page
    await page.get_by_role("button", name="Discount").click()
    sheet = page.get_by_role("dialog", name="Discount")
    await sheet.get_by_role("button", name="50 %").click()
    await mia.approve("Complaint")
    await sheet.get_by_role("button", name="Give discount").click()
    await expect(bill(mia)).to_contain_text("€6.10")

    await (await mia.take("Take €6.10 in cash")).get_by_role("button", name="Done").click()
    await mia.choose("Give back")
    sheet = page.get_by_role("dialog", name="Give money back")
    await mia.approve("Complaint", pin="1111")
    await sheet.get_by_role("button", name="Give back").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("User or PIN is not right")
    await sheet.get_by_label("Manager's PIN").fill(PIN)
    await sheet.get_by_role("button", name="Give back").click()
    await expect(page.get_by_role("button", name="Take €6.10 in cash")).to_be_visible()
    await expect(page.get_by_role("region", name="Pay")).to_contain_text("given back")

    await mia.tab("Till").click()
    await page.get_by_role("button", name="Cash in or out").click()
    sheet = page.get_by_role("dialog", name="Cash in or out")
    await sheet.get_by_role("button", name="In", exact=True).click()
    await sheet.get_by_role("button", name="Change from the bank").click()
    await mia.type_digits("5", "0", "00")
    await sheet.get_by_role("button", name="Put in").click()
    drawer = page.get_by_role("region", name="Open shift")
    await expect(drawer).to_contain_text("In the drawer€50.00")
    await expect(drawer).to_contain_text("Discounts (1)€6.10")
    await page.get_by_role("button", name="X report").click()
    report = page.get_by_role("dialog", name="X report")
    await expect(report).to_contain_text("given back")
    await expect(report).to_contain_text("Cash in")


async def test_a_bill_that_was_left_is_paid_at_the_till(browser: Browser, box: Box) -> None:
    mia = await manager(browser, box)
    session = box.app.hot.open_session_at("TABLE1")
    await mia.page.get_by_role("button", name="Table", exact=True).click()
    sheet = mia.page.get_by_role("dialog")
    await sheet.get_by_role("button", name="Close", exact=False).last.click()
    await expect(sheet).to_contain_text("€12.20 are not paid")
    await sheet.get_by_role("button", name="Close all the same").click()
    await expect(mia.tile("T1")).to_contain_text("Free")
    await mia.tab("Till").click()
    await mia.page.get_by_role("region", name="Not paid").get_by_role("link", name="T1").click()
    await (await mia.take("Take €12.20 in cash")).get_by_role("button", name="Done").click()
    await expect(mia.page.get_by_text("All paid")).to_be_visible()
    await mia.page.get_by_role("link", name="Back to the till").click()
    await expect(mia.page.get_by_text("Everything that was served is paid.")).to_be_visible()
    settled = box.app.hot.committed(f"bill:{session}")
    assert isinstance(settled, Bill)
    assert settled.status == "settled"
