"""Pictures of a day of bookings: at the counter, on a phone and a desk; the sheets, the warning."""

import asyncio
import time
from pathlib import Path

import msgspec

from edge.core.bookings import calendar
from edge.core.bookings.commands import CancelBooking, CheckInBooking, MakeBooking
from edge.core.commands import AdoptMenu, Command, ConfigureVenue
from edge.journal.writer import Accepted
from protocol.facts.booking_config import BookingRules
from tests.browser.album import Album
from tests.browser.stations.floor import Tablet, commands, play
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser

RULES = BookingRules(deposit_minor=500)
_MINUTE_MS = 60_000
#: Who comes where, how many minutes from now and for how long, and how the deposit is paid.
_GUESTS = (
    ("Anna", "ps5-1", 25, 120, "CASH", "birthday, two more pads", 4),
    ("Ben", "ps5-2", 70, 60, None, "", 1),
    ("Clara", "ps5-1", 170, 90, "CASH", "", 2),
    ("Dmitri", "pc-1", 40, 180, "CASH", "brings his own mouse", 1),
    ("Eve", "pc-2", 1, 60, "CASH", "", 1),
    ("Farid", "ps5-3", 95, 120, "CASH", "", 3),
)


def rules() -> list[ConfigureVenue | AdoptMenu]:
    """A floor that asks for five euros."""
    return commands(msgspec.structs.replace(play(4, 4), bookings=RULES))


def booked(box: Box, guest: tuple[str, str, int, int, str | None, str, int]) -> MakeBooking:
    """A booking so many minutes from now."""
    name, station, ahead, minutes, method, note, party = guest
    return MakeBooking(
        booking_id=name.lower(),
        name=name,
        starts_ms=box.app.clock().wall_ms + ahead * _MINUTE_MS,
        seconds=minutes * 60,
        by="staff:mia",
        payment_pid=f"{name}:paid",
        shift_pid="shift-1",
        station_id=station,
        note=note,
        party=party,
        method=method,
        phone="+49 151 5550199" if party > 1 else "",
    )


async def told(box: Box, command: Command) -> None:
    """What must go through."""
    assert isinstance(await box.app.writer.execute(command), Accepted), command


async def bookings(album: Album, browser: Browser, directory: Path) -> None:
    """A box of its own with eight stations."""
    async with asyncio.TaskGroup() as tasks:
        box = Box(directory, rules())
        await box.on(tasks)
        box.app.clock.learn(time.time_ns() // 1_000_000)  # wherever the pictures are taken
        try:
            for guest in _GUESTS:
                await told(box, booked(box, guest))
            await told(box, CheckInBooking("eve", "play-eve", "eve:rest", "CASH", "staff:mia"))
            await told(box, CancelBooking("ben", "rang up", "staff:mia", "ben:back", "shift-1"))
            await _counter(album, browser, box)
        finally:
            await box.off()


async def _counter(album: Album, browser: Browser, box: Box) -> None:
    day = calendar.day_of("", box.app.clock(), box.app.hot.timezone())
    devices = (
        ("tablet", await browser.device(TABLET)),
        ("phone", await browser.device(PHONE, "dark", scale=2)),
        ("desk", await browser.device(DESK)),
    )
    for name, page in devices:
        tablet = Tablet(page)
        await tablet.sign_in(box.url)
        await album.keep(page, f"bookings-{name}-stations")
        await tablet.tap("PS5-1", "1 h €4.00")
        await page.get_by_text("Booked from").first.wait_for()
        await album.keep(page, f"bookings-{name}-in-the-way")
        await page.goto(f"{box.url}/staff#/stations/bookings/{day}")
        await page.get_by_role("heading", name="Bookings").wait_for()
        await page.get_by_text("to come").wait_for()
        await album.keep(page, f"bookings-{name}-day")
        await page.goto(f"{box.url}/staff#/stations/bookings/{day}/anna")
        await page.get_by_role("button", name="Check in").wait_for()
        await album.keep(page, f"bookings-{name}-one")
        await page.get_by_role("button", name="Move…").click()
        await album.keep(page, f"bookings-{name}-move")
        await page.goto(f"{box.url}/staff#/stations/bookings/{day}/new")
        await page.get_by_label("Name").fill("Greta")
        await album.keep(page, f"bookings-{name}-new")
