"""kill -9 of the box while deposits are taken and guests checked in: nothing is lost, no money counts twice.

Once in the very instant in which each step is on disk and nobody has been told, so the tablet asks again
under its own `mid`; and at random moments, while a whole counter is at work. In the end the drawer, the
day's sums, the bills and the sessions say the same, and the journal folds into what the tables say.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from edge.core.devices.bindings import Bindings
from edge.journal.rebuild import rebuild
from protocol.facts.booking_config import BookingRules
from protocol.facts.play_config import PlayConfig, PlayStation, Tariff
from protocol.play import rfc3339
from tests.depth import so_many
from tests.integration.faults.floor import Json, Till, furnished
from tests.integration.faults.programs import Server, edge_program
from tests.open_box import until

pytestmark = pytest.mark.xdist_group("faults")

GUESTS = 6
KILLS = so_many(2, 30)
_STATIONS = tuple(PlayStation(f"pc-{number}", f"PC-{number}", "pc", "hall") for number in range(GUESTS))
#: A question may meet each of the kills, and a box on a busy machine takes its time to start.
_PATIENCE_S = 200.0
_DEPOSIT_MINOR, _PRICE_MINOR = 500, 1200
_PLAY = PlayConfig(
    _STATIONS,
    (Tariff("hall", 600, zones=("hall",)),),
    bookings=BookingRules(deposit_minor=_DEPOSIT_MINOR, free_cancel_hours=0),
)
#: Later today; whatever the hour, nobody is late and nothing is near its end.
_STARTS_AT = rfc3339(time.time_ns() // 1_000_000 + 5 * 3_600_000)


class Counter(NamedTuple):
    """A box as a program, and somebody who asks until there is an answer."""

    directory: Path
    box: Server
    till: Till

    def mortal(self, event: str) -> Server:
        """The box as a program that dies once such an event is on disk."""
        arguments = ["-m", "tests.integration.faults.mortal_box", event, *self.box.arguments[2:]]
        return Server(self.directory.with_suffix(".mortal.log"), arguments, self.box.port)

    async def asked(self, path: str, body: Json) -> Json:
        """What the box says to a question about bookings that it must not refuse."""
        status, told = await self.till.ask("POST", f"/api/v1/bookings{path}", body)
        assert status in (200, 201), told
        return told

    async def report(self) -> Json:
        """What the day comes to."""
        _, told = await self.till.ask("GET", "/api/v1/shifts")
        (shift,) = told["shifts"]
        found: Json = (await self.till.ask("GET", f"/api/v1/shifts/{shift['shift_pid']}"))[1]["report"]
        return found

    def disk(self, query: str) -> list[tuple[Any, ...]]:
        """What lies on the dead box's disk."""
        connection = sqlite3.connect(self.directory / "journal.sqlite3")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def written(self, event: str) -> int:
        """How many facts of a type are in the journal."""
        kinds = "SELECT count(*) FROM journal WHERE json_extract(record, '$.event.type') = '%s'"
        ((found,),) = self.disk(kinds % event)
        return int(found)

    def assert_sound(self) -> None:
        """The journal is whole and says what the tables say."""
        rebuilt = rebuild(self.directory)
        assert (rebuilt.problems, rebuilt.differences) == ((), ())


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    """The box has not been started yet."""
    directory = tmp_path / "box"
    await furnished(directory, Bindings(), play=_PLAY)
    box = edge_program(directory)
    async with aiohttp.ClientSession() as http:
        try:
            yield Counter(directory, box, Till(box.url, http, _PATIENCE_S))
        finally:
            box.kill()


def deposits(report: Json) -> dict[str, int]:
    return {each["kind"]: each["amount_minor"] for each in report["deposits"]}


async def test_what_is_on_disk_counts_once_though_nobody_was_told_of_it(counter: Counter) -> None:
    """The deposit is in the drawer and the box is gone; the guest plays and the box is gone again."""
    paying, checking_in = counter.mortal("DepositBegun"), counter.mortal("BookingCheckedIn")
    try:
        await paying.up()
        await counter.till.sign_in()
        body = {"name": "Anna", "station_id": "pc-0", "minutes": 120, "starts_at": _STARTS_AT}
        made = await counter.asked("", {"mid": "makes-it", **body})
        path = f"/{made['id']}"
        async with asyncio.TaskGroup() as group:
            deposit = {"mid": "takes-the-deposit", "deposit_method": "CASH"}
            paid = group.create_task(counter.asked(f"{path}/deposit", deposit))
            await until(paying.has_died)
            assert counter.written("DepositBegun") == 1
            await checking_in.up()
        assert (paid.result()["status"], paid.result()["deposit"]) == ("CONFIRMED", "paid")
        assert deposits(await counter.report()) == {"taken": _DEPOSIT_MINOR}
        await counter.asked(f"{path}/move", {"mid": "moves-it", "station_id": "pc-1"})
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(counter.asked(f"{path}/check_in", {"mid": "checks-in"}))
            await until(checking_in.has_died)
            assert counter.written("BookingCheckedIn") == 1
            await counter.box.up()
    finally:
        paying.kill()
        checking_in.kill()
    _, booking = await counter.till.ask("GET", f"/api/v1/bookings{path}")
    assert (booking["status"], booking["deposit"], booking["station_id"]) == ("CHECKED_IN", "used", "pc-1")
    assert booking["session_id"] == playing.result()["id"]
    report = await counter.report()
    assert (report["expected_minor"], report["receipts_minor"]) == (_PRICE_MINOR, _PRICE_MINOR)
    assert deposits(report) == {"taken": _DEPOSIT_MINOR, "used": _DEPOSIT_MINOR}
    counter.box.stop()
    assert counter.disk("SELECT count(*), sum(total_minor) FROM bills") == [(1, _PRICE_MINOR)]
    assert counter.disk("SELECT count(*), sum(amount_minor) FROM payments") == [(2, _PRICE_MINOR)]
    assert counter.disk("SELECT count(*) FROM play_sessions") == [(1,)]
    counter.assert_sound()


class Evening:
    """All guests at once; `answers` counts what anybody was told."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._answers = 0
        self._told = asyncio.Condition()

    async def guest(self, number: int) -> Json:
        """Books, pays, and plays or rings up again to cancel."""
        wanted = {"name": f"Guest {number}", "station_id": f"pc-{number}", "minutes": 120}
        made = await self._do("", {"mid": f"guest-{number}-books", "starts_at": _STARTS_AT, **wanted})
        path = f"/{made['id']}"
        await self._do(f"{path}/deposit", {"mid": f"guest-{number}-pays", "deposit_method": "CASH"})
        leaves = number % 2
        await self._do(f"{path}/{'cancel' if leaves else 'check_in'}", {"mid": f"guest-{number}-decides"})
        return (await self._counter.till.ask("GET", f"/api/v1/bookings{path}"))[1]

    async def _do(self, path: str, body: Json) -> Json:
        told = await self._counter.asked(path, body)
        async with self._told:
            self._answers += 1
            self._told.notify_all()
        return told

    async def until_told(self, answers: int) -> None:
        """Wait until so many answers have come in all."""
        async with asyncio.timeout(_PATIENCE_S), self._told:
            await self._told.wait_for(lambda: self._answers >= answers)


async def test_a_busy_counter_that_is_killed_at_random_adds_up(counter: Counter) -> None:
    dice = random.Random("counter")
    await counter.box.up()
    await counter.till.sign_in()
    evening = Evening(counter)
    async with asyncio.TaskGroup() as group:
        guests = [group.create_task(evening.guest(number)) for number in range(GUESTS)]
        for answers in sorted(dice.randint(0, GUESTS * 3 - 2) for _ in range(KILLS)):
            await evening.until_told(answers)
            await asyncio.sleep(dice.uniform(0, 0.004))
            counter.box.kill()
            await counter.box.up()
    ends = [(each.result()["status"], each.result()["deposit"]) for each in guests]
    assert ends == [("CHECKED_IN", "used"), ("CANCELLED", "returned")] * (GUESTS // 2)
    report, came = await counter.report(), GUESTS // 2
    assert (report["expected_minor"], report["receipts_minor"]) == (came * _PRICE_MINOR, came * _PRICE_MINOR)
    assert deposits(report) == {
        "taken": GUESTS * _DEPOSIT_MINOR,
        "used": came * _DEPOSIT_MINOR,
        "returned": came * _DEPOSIT_MINOR,
    }
    counter.box.stop()
    assert counter.disk("SELECT count(*), sum(total_minor) FROM bills") == [(came, came * _PRICE_MINOR)]
    counter.assert_sound()
