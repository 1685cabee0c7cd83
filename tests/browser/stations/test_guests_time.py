"""A guest who plays sees the time left on their phone, is warned, calls for more, and gets it."""

import math
import re
from typing import Any

from playwright.async_api import expect

from edge.core.play.commands import ExtendPlay, PlayCommand, StartPlay, StopPlay
from edge.journal.writer import Accepted
from protocol.facts.bill import Bill
from protocol.facts.play import PlaySession
from tests.browser.people import Guest
from tests.browser.stations.floor import Tablet
from tests.browser.venue import TABLET, Box, Browser
from tests.open_box import until
from tests.sample_venue import T1, T2


async def happen(box: Box, command: PlayCommand) -> None:
    """At the counter."""
    outcome = await box.app.writer.execute(command)
    assert isinstance(outcome, Accepted), outcome


async def play_at(box: Box, seconds: int, name: str = "play-1", **given: Any) -> None:
    """The guests of T1 play on PS5-1 for so long."""
    table = box.app.hot.open_session_at(T1)
    paid = {"method": "CASH", "amount_minor": 900, **given}
    first = f"{name}:first"
    await happen(box, StartPlay(name, first, "ps5-1", seconds, by="staff:mia", table_session=table, **paid))


async def test_time_is_shown_live_and_more_of_it_comes_from_the_staff(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await expect(guest.page.get_by_role("timer")).to_have_count(0)
    tablet = Tablet(await browser.device(TABLET))
    await tablet.sign_in(box.url)
    sheet = await tablet.open("PS5-1")
    await sheet.get_by_text("For guests at a table").click()
    await sheet.get_by_role("button", name="T1", exact=True).click()
    await sheet.get_by_role("button", name="30 min €2.00", exact=True).click()

    await expect(guest.page.get_by_text("Time runs on PS5-1")).to_be_visible()
    await expect(guest.page.get_by_role("timer")).to_contain_text(re.compile(r"\b2\d:"))
    await guest.page.get_by_role("button", name="More time").click()
    await expect(guest.page.get_by_text("Staff is called")).to_be_visible()
    await tablet.close()
    await tablet.page.get_by_role("link", name="Alarms").first.click()
    await expect(tablet.page.get_by_text("Chinu at T1 asks for more time on PS5-1.")).to_be_visible()
    await tablet.page.get_by_role("link", name="To the station").click()
    await tablet.page.get_by_role("button", name="+ 30 min").click()

    await expect(guest.page.get_by_text("Time added! 30 min more on PS5-1.")).to_be_visible()
    await expect(guest.page.get_by_role("timer")).to_contain_text(re.compile(r"\b5\d:"))
    await expect(guest.page.get_by_role("button", name="More time")).to_be_visible()
    await until(lambda: box.app.alarms.current() == ())
    await guest.page.reload()
    await expect(guest.page.get_by_role("timer")).to_contain_text(re.compile(r"\b5\d:"))


async def test_the_last_minutes_are_told_and_seen(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await play_at(box, 602)
    await expect(guest.page.get_by_text("10 min left on PS5-1.")).to_be_visible()
    await expect(guest.page.locator(".time-left")).to_have_attribute("data-urgency", "soon")
    await happen(box, ExtendPlay("play-1", "play-1:more", 600, "staff:mia", amount_minor=900))
    await expect(guest.page.locator(".time-left")).to_have_attribute("data-urgency", "calm")


async def test_the_end_takes_the_strip_away(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await play_at(box, 119)
    await expect(guest.page.locator(".time-left")).to_have_attribute("data-urgency", "last")
    await happen(box, StopPlay("play-1", "left", "staff:mia"))
    await expect(guest.page.get_by_role("timer")).to_have_count(0)
    await play_at(box, 2, "play-2")
    await expect(guest.page.get_by_text("Time is up on PS5-1.")).to_be_visible()
    await expect(guest.page.get_by_role("timer")).to_have_count(0)


async def test_another_table_sees_nothing_of_it(browser: Browser, box: Box) -> None:
    guest, stranger = Guest(await browser.device()), Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await stranger.sit_down(box.url, "Anshu", T2)
    await play_at(box, 1800)
    await expect(guest.page.get_by_role("timer")).to_be_visible()
    await expect(stranger.page.get_by_role("timer")).to_have_count(0)


async def test_play_paid_later_and_food_are_on_one_bill(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await play_at(box, 3600, method="POSTPAID", amount_minor=None)
    await expect(guest.page.get_by_text("so far")).to_be_visible()
    await guest.add("Soup")
    await guest.say_word()
    await guest.open_cart()
    await guest.place_order()
    await guest.is_congratulated("K-1")
    pid = box.app.hot.open_session_at(T1)
    bill = box.app.hot.committed(f"bill:{pid}")
    assert isinstance(bill, Bill)
    food_minor = bill.total_minor
    await happen(box, StopPlay("play-1", "left", "staff:mia"))
    await expect(guest.page.get_by_text("PS5-1 was stopped.")).to_be_visible()
    bill = box.app.hot.committed(f"bill:{pid}")
    assert isinstance(bill, Bill)
    session = box.app.hot.committed("play:play-1")
    assert isinstance(session, PlaySession)
    begun_minutes = math.ceil(session.consumed_ns / 60e9)
    assert bill.total_minor - food_minor == math.ceil(begun_minutes * 400 / 60), "4.00 an hour"
