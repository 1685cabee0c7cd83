"""Bookings at the counter: made on a tablet, seen on a phone, checked in; a walk-in is warned."""

import asyncio
import datetime
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from protocol.facts.booking import Booking
from tests.browser.audit import hold
from tests.browser.booking_pictures import booked, rules, told
from tests.browser.stations.floor import Tablet
from tests.browser.venue import PHONE, TABLET, Box, Browser


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Box]:
    running = Box(tmp_path / "box", rules())
    await running.on(tasks)
    running.app.clock.learn(time.time_ns() // 1_000_000)
    yield running
    await running.off()


async def signed_in(browser: Browser, box: Box, size: Any, user: str) -> Tablet:
    tablet = Tablet(await browser.device(size))
    await tablet.sign_in(box.url, user)
    return tablet


async def to_a_free_day(page: Page) -> None:
    """The day after tomorrow; whatever hour it is now or becomes meanwhile, all of its hours are free."""
    await page.get_by_role("link", name="Bookings").click()
    shown = page.locator(".booking-day")
    for _ in range(2):
        before = await shown.inner_text()
        await page.get_by_role("link", name="Day after").click()
        await expect(shown).not_to_have_text(before)
    await expect(page.get_by_text("Nothing is booked")).to_be_visible()


def only(box: Box) -> Booking:
    (found,) = box.app.gaming.agenda.standing()
    return found


async def test_from_the_call_to_the_seat_on_two_devices(browser: Browser, box: Box) -> None:
    tablet, phone = [
        await signed_in(browser, box, size, user) for size, user in ((TABLET, "mia"), (PHONE, "ann"))
    ]
    await to_a_free_day(tablet.page)
    await to_a_free_day(phone.page)
    await hold(tablet.page.get_by_text("Nothing is booked"))
    await tablet.page.get_by_role("button", name="Book PS5-2 at 18:00").click()
    sheet = tablet.page.get_by_role("dialog", name="Book a station")
    await sheet.get_by_label("Name").fill("Anna")
    await sheet.get_by_role("button", name="1 h", exact=True).click()
    await hold(sheet)
    await sheet.get_by_role("button", name="Book", exact=True).click()
    await expect(tablet.page.get_by_text("Booked. €4.00 deposit taken.")).to_be_visible()
    booking = only(box)
    assert (booking.station_id, booking.deposit, booking.made.name) == ("ps5-2", "paid", "Anna")
    await tablet.page.get_by_role("button", name="Done").click()
    await expect(tablet.page.get_by_role("button", name="Anna, 18:00–19:00, Booked")).to_be_visible()

    # A colleague's phone has heard of it, and the slot is gone there.
    await hold(phone.page.get_by_role("link", name="18:00–19:00 Anna"))
    await phone.page.get_by_role("link", name="Book", exact=True).click()
    sheet = phone.page.get_by_role("dialog", name="Book a station")
    await sheet.get_by_label("From").select_option(label="18:30")
    await sheet.get_by_label("Station").select_option(label="PS5-2, taken")
    await sheet.get_by_label("Name").fill("Ben")
    await sheet.get_by_role("button", name="Book", exact=True).click()
    await expect(sheet.get_by_text("Somebody has that station at that time.")).to_be_visible()
    await phone.page.get_by_role("button", name="Close", exact=True).click()
    await phone.page.get_by_role("link", name="Anna").click()
    sheet = phone.page.get_by_role("dialog", name="Booking of Anna")
    await hold(sheet)
    await sheet.get_by_role("button", name="Check in").click()
    await expect(sheet.get_by_text("Here", exact=True)).to_be_visible()
    session = box.app.gaming.floor.session_at("ps5-2")
    assert session is not None
    assert (session.entitled_s, session.paid_minor) == (3600, 400)


async def test_a_booking_moves_to_another_hour_seat_and_day(browser: Browser, box: Box) -> None:
    """Its deposit stays, other devices follow, and what is taken is refused in words."""
    tablet, phone = [
        await signed_in(browser, box, size, user) for size, user in ((TABLET, "mia"), (PHONE, "ann"))
    ]
    await to_a_free_day(tablet.page)
    await to_a_free_day(phone.page)
    for hour, name in (("18:00", "Anna"), ("20:00", "Ben")):
        await tablet.page.get_by_role("button", name=f"Book PS5-2 at {hour}").click()
        sheet = tablet.page.get_by_role("dialog", name="Book a station")
        await sheet.get_by_label("Name").fill(name)
        await sheet.get_by_role("button", name="1 h", exact=True).click()
        await sheet.get_by_role("button", name="Book", exact=True).click()
        await tablet.page.get_by_role("button", name="Done").click()
        await expect(tablet.page.get_by_role("button", name=f"{name}, {hour}")).to_be_visible()
    await phone.page.get_by_role("link", name="18:00–19:00 Anna").click()
    sheet = phone.page.get_by_role("dialog", name="Booking of Anna")
    await sheet.get_by_role("button", name="Move…").click()
    await sheet.get_by_label("From").select_option(label="20:30")
    await sheet.get_by_label("Station").select_option(label="PS5-2, taken")
    await expect(sheet.get_by_text("The deposit stays with the booking.")).to_be_visible()
    await hold(sheet)
    await sheet.get_by_role("button", name="Move", exact=True).click()
    await expect(sheet.get_by_text("Somebody has that station at that time.")).to_be_visible()
    await sheet.get_by_label("Station").select_option(label="PS5-1")
    await sheet.get_by_role("button", name="Move", exact=True).click()
    await expect(sheet.get_by_text("PS5-1 · 20:30–21:30")).to_be_visible()
    await expect(tablet.page.get_by_role("button", name="Anna, 20:30–21:30, Booked")).to_be_visible()
    await expect(tablet.page.get_by_role("button", name="Book PS5-2 at 18:00")).to_be_visible()

    # To the day after, from the tablet; the phone's day has lost it.
    before = next(each for each in box.app.gaming.agenda.standing() if each.made.name == "Anna")
    await tablet.page.get_by_role("button", name="Anna, 20:30–21:30").click()
    sheet = tablet.page.get_by_role("dialog", name="Booking of Anna")
    await sheet.get_by_role("button", name="Move…").click()
    tomorrow = datetime.date.fromisoformat(await sheet.get_by_label("Day").input_value())
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url) if "date=" in request.url else None)
    await sheet.get_by_label("Day").fill("20000-01-01")
    await hold(sheet)
    await sheet.get_by_label("Day").fill((tomorrow + datetime.timedelta(days=1)).isoformat())
    await hold(sheet)
    await sheet.get_by_role("button", name="Move", exact=True).click()
    await expect(tablet.page.get_by_role("button", name="Anna, 20:30–21:30, Booked")).to_be_visible()
    assert not [url for url in asked if "20000" in url]
    await expect(phone.page.get_by_role("link", name="20:00–21:00 Ben")).to_be_visible()
    await expect(phone.page.get_by_role("link", name="Anna")).to_have_count(0)
    after = next(each for each in box.app.gaming.agenda.standing() if each.made.name == "Anna")
    assert after.made.starts_ms - before.made.starts_ms in {hours * 3_600_000 for hours in (23, 24, 25)}
    assert (after.station_id, after.deposit, after.deposit_pid) == ("ps5-1", "paid", before.deposit_pid)
    assert after.made.free_until_ms == before.made.free_until_ms


async def test_cancelling_asks_once_more_and_gives_the_deposit_back(browser: Browser, box: Box) -> None:
    tablet = await signed_in(browser, box, TABLET, "ann")
    await to_a_free_day(tablet.page)
    await told(box, booked(box, ("Clara", "ps5-1", 60 * 30, 60, "CASH", "", 2)))
    name = only(box).booking_id
    await tablet.page.goto(f"{box.url}/staff#/stations")
    await tablet.tile("PS5-1").click()
    await tablet.page.get_by_role("link", name="for Clara").click()
    sheet = tablet.page.get_by_role("dialog", name="Booking of Clara")
    await sheet.get_by_role("button", name="Cancel…").click()
    await expect(sheet.get_by_text("Give €4.00 back out of the drawer.")).to_be_visible()
    await sheet.get_by_role("button", name="Cancel the booking").click()
    await expect(sheet.get_by_text("Deposit, given back")).to_be_visible()
    gone = box.app.gaming.agenda.booking(name)
    assert gone is not None
    assert (gone.status, gone.deposit) == ("CANCELLED", "returned")


async def test_a_walk_in_is_warned_and_may_begin_all_the_same(browser: Browser, box: Box) -> None:
    await told(box, booked(box, ("Anna", "ps5-1", 25, 60, "CASH", "", 1)))
    tablet = await signed_in(browser, box, TABLET, "ann")
    await expect(tablet.tile("PS5-1").get_by_text("Anna")).to_be_visible()
    await tablet.tap("PS5-1", "1 h €4.00")
    sheet = tablet.page.get_by_role("dialog", name="PS5-1")
    await expect(sheet.get_by_text("for Anna; free for")).to_be_visible()
    assert box.app.gaming.floor.session_at("ps5-1") is None
    await hold(sheet)
    await sheet.get_by_role("button", name="Begin all the same").click()
    await expect(sheet.get_by_text("1 h began.")).to_be_visible()
    assert box.app.gaming.floor.session_at("ps5-1") is not None
