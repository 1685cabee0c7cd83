"""A waiter's evening at a tablet, in front of a real box: tables, orders for guests, money, the drawer."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, Route, expect

from edge.core.play.commands import CreditAccount
from edge.journal.writer import Accepted
from protocol.facts.account import COUNTER as AT_THE_COUNTER
from protocol.facts.bill import Bill
from tests.browser.audit import still
from tests.browser.people import Cook, Guest
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser


async def waiter(browser: Browser, box: Box, user: str = "ann") -> Waiter:
    """Somebody who has signed in and sees the floor."""
    one = Waiter(await browser.device(TABLET))
    await one.sign_in(box.url, user)
    await one.page.get_by_role("heading", name="Floor").wait_for()
    return one


async def served(one: Waiter, *dishes: str) -> None:
    """T1 has ordered and the bill is in sight."""
    await one.open_table("T1")
    await one.tap(*dishes)
    for dish in set(dishes):
        await one.cart_line(dish).wait_for()
    await one.send()
    await one.to_bill()


def bill_of(box: Box, code: str = "TABLE1") -> Bill:
    """What is on the box's disk."""
    bill = box.app.hot.committed(f"bill:{box.app.hot.open_session_at(code)}")
    assert isinstance(bill, Bill)
    return bill


async def test_an_evening_from_the_open_table_to_the_z_report(browser: Browser, box: Box) -> None:
    ann = await waiter(browser, box)
    await ann.tab("Till").click()
    await ann.page.get_by_role("button", name="Open shift").click()
    await ann.type_digits("1", "0", "0", "00")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Open shift").click()
    await expect(ann.page.get_by_role("region", name="Open shift")).to_contain_text("€100.00")

    await ann.open_table("T1")
    chinu = Guest(await browser.device(DESK))
    await chinu.sit_down(box.url, "Chinu")
    await ann.page.get_by_role("button", name="Chinu", exact=True).click()
    await ann.tap("Soup", "Soup", "Chips")
    await chinu.sees("Soup", 2)
    await chinu.sees("Chips", 1)
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url, user="carl")
    await cook.page.get_by_text("All clear").wait_for()
    await ann.send()
    await chinu.is_congratulated("K-1")
    for step in ("Accept", "Start", "Ready", "Served"):
        await cook.press("K-1", step)
    await ann.tab("Floor").click()
    await expect(ann.tile("T1")).to_contain_text("To pay")

    await ann.go_to("T1")
    await ann.to_bill()
    await ann.choose("Split the bill")
    await ann.page.get_by_role("dialog").get_by_role("button", name="Split", exact=True).click()
    await ann.choose("Share 1")
    await ann.choose("€10.00")
    paid = await ann.take("Take €7.43 in cash")
    await expect(paid.get_by_text("Change", exact=False)).to_contain_text("€2.57")
    await expect(paid.get_by_label("Receipt 1")).to_contain_text("RECEIPT 1")
    await paid.get_by_role("button", name="Done").click()
    await ann.choose("Share 2")
    await (await ann.take("Take €7.42 in cash")).get_by_role("button", name="Done").click()
    await expect(ann.page.get_by_text("All paid")).to_be_visible()
    assert (bill_of(box).status, bill_of(box).paid_minor) == ("settled", 1485)

    await ann.tab("Till").click()
    await ann.page.get_by_role("button", name="Close shift").click()
    await ann.type_digits("1", "1", "4", "8", "5")
    await expect(ann.page.get_by_text("Exact.")).to_be_visible()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Close shift").click()
    report = ann.page.get_by_role("dialog", name="Z report 1")
    await expect(report.get_by_label("Z report 1")).to_contain_text("Should be in the drawer")
    await report.get_by_role("button", name="Close").click()
    await expect(ann.page.get_by_role("region", name="Z reports")).to_contain_text("exact")


async def test_a_bill_is_shared_by_amounts_and_nobody_is_asked_for_more_than_is_due(
    browser: Browser, box: Box
) -> None:
    ann = await waiter(browser, box)
    await served(ann, "Soup", "Wine")
    await ann.choose("Split the bill")
    sheet = ann.page.get_by_role("dialog", name="Split the bill")
    await sheet.get_by_role("button", name="By amount").click()
    await expect(sheet.get_by_role("button", name="Split", exact=True)).to_be_disabled()
    for digits, worth in (("300", "€3.00"), ("500", "€5.00"), ("9999", "€4.20")):
        await ann.type_digits(*digits)
        await sheet.get_by_role("button", name=f"Add {worth}").click()
    await sheet.get_by_role("button", name="Take €3.00 away").click()
    await expect(sheet).to_contain_text("€3.00 left")
    await sheet.get_by_role("button", name="Split", exact=True).click()
    await expect(ann.page.get_by_role("list", name="Shares")).to_contain_text("The rest")
    split = bill_of(box).split
    assert split is not None
    assert [share.amount_minor for share in split.shares] == [500, 420]


async def test_a_void_is_refused_to_a_waiter_and_allowed_by_a_managers_pin(
    browser: Browser, box: Box
) -> None:
    ann = await waiter(browser, box)
    await served(ann, "Soup", "Wine")
    await ann.page.get_by_role("button", name="Change Soup").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Void").click()
    sheet = ann.page.get_by_role("dialog", name="Void Soup")
    await expect(sheet).to_contain_text("A waiter cannot do this alone")
    await ann.approve("Wrong dish", pin="0000")
    await sheet.get_by_role("button", name="Void 1").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("User or PIN is not right")
    assert bill_of(box).total_minor == 1220
    await ann.approve("Wrong dish")
    await sheet.get_by_role("button", name="Void 1").click()
    await expect(ann.page.get_by_role("region", name="Bill")).to_contain_text("1 void")
    assert bill_of(box).total_minor == 640
    rows = box.app.reader.execute("SELECT kind, reason, by, approved_by FROM bill_adjustments").fetchall()
    assert [tuple(row) for row in rows] == [("void", "Wrong dish", "staff:ann", "mia")]


async def test_two_tablets_race_for_the_same_bill_and_it_is_paid_once(browser: Browser, box: Box) -> None:
    ann, mia = await waiter(browser, box), await waiter(browser, box, "mia")
    await served(ann, "Soup", "Wine")
    await mia.go_to("T1")
    await mia.to_bill()
    await mia.page.get_by_role("button", name="Take €12.20 in cash").wait_for()
    both = asyncio.Event()
    for each in (ann, mia):
        await each.page.route("**/payments", _held_until(both))
    for each in (ann, mia):
        await each.choose("Take €12.20 in cash")
    both.set()
    for each in (ann, mia):
        await expect(each.page.get_by_text("All paid")).to_be_visible()
    won = [await _has_won(each.page) for each in (ann, mia)]
    assert sorted(won) == [False, True]
    loser = (ann, mia)[won.index(False)]
    await expect(loser.page.get_by_role("alert")).to_contain_text("more than is owed now")
    bill = bill_of(box)
    assert (bill.paid_minor, len(bill.payments), len(bill.receipts)) == (1220, 1, 1)


async def _has_won(page: Page) -> bool:
    """Whether the money was taken here, once that is known: the bill may be seen to be paid before."""
    paid = page.get_by_role("dialog", name="Paid")
    await expect(paid.or_(page.get_by_role("alert")).first).to_be_visible()
    return await paid.count() == 1


def _held_until(both: asyncio.Event) -> Callable[[Route], Awaitable[None]]:
    async def hold(route: Route) -> None:
        await both.wait()
        await route.continue_()

    return hold


async def test_a_box_that_goes_away_in_the_middle_of_a_payment_takes_it_once(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    ann = await waiter(browser, box)
    await served(ann, "Soup")
    answered = asyncio.Event()

    async def lose_the_answer(route: Route) -> None:
        """The box has it on its disk, and nobody hears of it; later it is not even asked."""
        if not answered.is_set():
            await route.fetch()
            answered.set()
        await route.abort("connectionreset")

    await ann.page.route("**/payments", lose_the_answer)
    await ann.choose("Take €5.80 in cash")
    await answered.wait()
    await box.off()
    await expect(ann.page.get_by_text("Do not take it anew")).to_be_visible()
    await expect(ann.page.get_by_text("This tablet has lost the box")).to_be_visible()
    await box.on(tasks)
    await ann.page.reload()
    await expect(ann.page.get_by_text("Do not take it anew")).to_be_visible()
    await ann.page.unroute("**/payments")
    await expect(ann.page.get_by_role("dialog", name="Paid")).to_contain_text("€5.80")
    bill = bill_of(box)
    assert (bill.status, bill.paid_minor, len(bill.payments)) == ("settled", 580, 1)


async def test_an_alarm_is_looked_after_by_name_and_goes_with_its_cause(
    browser: Browser, impatient: Box
) -> None:
    ann, mia = await waiter(browser, impatient), await waiter(browser, impatient, "mia")
    await served(ann, "Soup")
    for each in (ann, mia):
        await expect(each.tab("Alarms")).to_contain_text("1")
    await ann.tab("Alarms").click()
    row = ann.page.get_by_role("listitem").filter(has_text="K-1 for T1 is not acknowledged by grill")
    await row.get_by_role("button", name="I look after it").click()
    await mia.tab("Alarms").click()
    await expect(mia.page.get_by_text("Ann looks after it")).to_be_visible()
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(impatient.url, user="carl")
    await cook.ticket("K-1").first.wait_for()
    await expect(mia.page.get_by_text("Nothing wants you")).to_be_visible()


async def test_guests_move_and_tables_come_together(browser: Browser, box: Box) -> None:
    ann = await waiter(browser, box)
    await served(ann, "Soup")
    await ann.page.get_by_role("button", name="Table", exact=True).click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Move").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="T2").click()
    await ann.page.get_by_role("heading", name="T2", exact=True).wait_for()
    await ann.to_bill()
    await expect(ann.page.get_by_role("region", name="Bill")).to_contain_text("Soup")
    await ann.open_table("T1")
    await ann.page.get_by_role("button", name="Table", exact=True).click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="Put together").click()
    await ann.page.get_by_role("dialog").get_by_role("button", name="T2").click()
    await ann.tab("Floor").click()
    await expect(ann.tile("T1")).to_contain_text("Free")
    assert bill_of(box, "TABLE2").total_minor == 580


async def test_what_is_sold_out_is_so_on_every_phone_at_once(browser: Browser, box: Box) -> None:
    mia = await waiter(browser, box, "mia")
    chinu = Guest(await browser.device(DESK))
    await chinu.sit_down(box.url, "Chinu")
    await mia.tab("More").click()
    row = mia.page.get_by_role("listitem").filter(has_text="Soup")
    await row.get_by_role("button", name="Mark sold out").click()
    await expect(row).to_contain_text("bring back")
    await expect(chinu.page.locator(".dish", has_text="Soup")).to_contain_text("Sold out")


async def test_a_cook_looks_and_is_told_who_may(browser: Browser, box: Box) -> None:
    ann, carl = await waiter(browser, box), await waiter(browser, box, "carl")
    await ann.open_table("T1")
    await expect(carl.tab("Till")).to_have_count(0)
    await carl.go_to("T1")
    await expect(carl.page.get_by_text("A cook cannot take orders or money")).to_be_visible()


async def test_whoever_was_here_lately_signs_in_with_a_tap_and_a_pin(browser: Browser, box: Box) -> None:
    ann = await waiter(browser, box)
    await ann.page.get_by_role("button", name="Sign out Ann").click()
    page: Page = ann.page
    await expect(page.get_by_role("button", name="Ann", exact=True)).to_have_attribute("aria-pressed", "true")
    for digit in "2468":
        await page.get_by_role("button", name=digit, exact=True).click()
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Floor").wait_for()


async def test_money_is_taken_on_a_phone_and_with_a_keyboard(browser: Browser, box: Box) -> None:
    ann = await waiter(browser, box)
    await served(ann, "Soup", "Wine")
    await expect(ann.page.get_by_role("button", name="Take €12.20 in cash")).to_be_visible()
    await still(ann.page)  # the keys are listened to once the till has been drawn
    await ann.page.keyboard.type("2000")
    await expect(ann.page.locator(".amount", has_text="Change")).to_contain_text("€7.80")
    await ann.page.keyboard.press("Backspace")
    await expect(ann.page.get_by_text("€10.20 are missing")).to_be_visible()

    mia = Waiter(await browser.device(PHONE))
    await mia.sign_in(box.url, "mia")
    await mia.go_to("T1")
    await mia.to_bill()
    await mia.page.get_by_role("button", name="Take money").click()
    sheet = mia.page.get_by_role("dialog", name="Take money")
    await sheet.get_by_role("button", name="Card").click()
    await sheet.get_by_role("button", name="Tip none").click()
    await sheet.get_by_role("button", name="€1.20").click()
    await sheet.get_by_role("button", name="Take €13.40 by card").click()
    said = mia.page.get_by_role("dialog", name="Paid")
    await expect(said).to_contain_text("Waiting for the card")
    await said.get_by_role("button", name="Done").click()
    await expect(sheet).to_contain_text("on its way")
    assert (bill_of(box).held_minor, bill_of(box).paid_minor) == (1220, 0)
    await sheet.get_by_role("button", name="Paid", exact=True).click()
    await expect(sheet.get_by_text("All paid")).to_be_visible()
    await sheet.get_by_role("button", name="Receipt 1").click()
    await expect(mia.page.get_by_label("Receipt 1").last).to_contain_text("RECEIPT 1")
    assert (bill_of(box).paid_minor, bill_of(box).tip_minor) == (1220, 120)


async def test_a_guests_balance_pays_as_far_as_it_reaches(browser: Browser, box: Box) -> None:
    credit = CreditAccount("chinu", "entry-1", 800, AT_THE_COUNTER, "staff:ann")
    assert isinstance(await box.app.writer.execute(credit), Accepted)
    ann = await waiter(browser, box)
    await served(ann, "Soup", "Wine")
    page = ann.page
    await page.get_by_role("button", name="Balance").click()
    await expect(page.get_by_role("button", name="Take €12.20 from the balance")).to_be_disabled()
    await page.get_by_label("Whose balance?").fill("chinu")
    await expect(page.get_by_text("€8.00 on it: not enough")).to_be_visible()
    await page.get_by_role("button", name="Take €12.20 from the balance").click()
    await expect(page.get_by_text("Insufficient balance")).to_be_visible()
    await ann.type_digits("8", "0", "0", on=page.get_by_role("main"))
    await expect(page.get_by_text("€8.00 on it", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Take €8.00 from the balance").click()
    await page.get_by_role("dialog", name="Paid").get_by_role("button", name="Done").click()
    assert (bill_of(box).paid_minor, bill_of(box).due_minor) == (800, 420)
