"""A box whose wall clock is pushed about while people play, as a process under libfaketime.

Debian's `faketime` lends it a clock that a file sets; the monotonic one stays true, as in a real step.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from tests.integration.faults.floor import (
    CONSOLE,
    GRACE_S,
    SECRET,
    Device,
    Switch,
    Till,
    furnished,
    plugged,
)
from tests.integration.faults.programs import Server, edge_program

LIBRARIES = "/usr/lib"


class WallClock:
    """What the box takes the time for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        found = sorted(Path(LIBRARIES).glob("*/faketime/libfaketimeMT.so.1"))
        assert found, "libfaketime is missing: apt-get install faketime"
        self.environment = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",  # in which it reads what the file says
        }
        self.set("+0")

    def set(self, text: str) -> None:
        """`+3d`, `-3d`, or `@1970-01-01 00:00:10`, from when the clock runs on."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(text + "\n")
        fresh.replace(self._file)


class Played:
    """One hour on a console, and how much of it is gone by our own clock."""

    def __init__(self, box: Server, till: Till, switch: Switch, wall: WallClock) -> None:
        self.box = box
        self.till = till
        self.switch = switch
        self.wall = wall
        self._asked_s = self._began_s = asyncio.get_running_loop().time()
        self.session_id = ""
        self.paid_s = 3600

    async def started(self) -> "Played":
        """Begin."""
        self._asked_s = asyncio.get_running_loop().time()
        session = await self.till.start(CONSOLE, 3600)
        self._began_s = asyncio.get_running_loop().time()
        self.session_id = session["id"]
        await self.switch.until(on=True)
        return self

    async def agrees(self) -> None:
        """It goes on with what is left of it, and so does its plug."""
        clock = asyncio.get_running_loop().time
        most_s = self.paid_s - (clock() - self._began_s)
        told = await self.till.session({"id": self.session_id})
        least_s = self.paid_s - (clock() - self._asked_s)
        assert told["status"] == "ACTIVE"
        assert least_s - 2 < told["remaining_seconds"] < most_s + 2
        await self.switch.until_ends_in(least_s + GRACE_S)

    async def extended(self) -> str:
        """Half an hour more; when the box says that it ends."""
        path = f"/api/v1/sessions/{self.session_id}/extend"
        status, told = await self.till.ask("PUT", path, {"additional_minutes": 30, "amount": 5.0})
        assert status == 200
        self.paid_s += 1800
        return str(told["scheduled_end_at"])


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    """An hour has begun under a clock that is right."""
    plug, wall = Device("plug", "--password", SECRET), WallClock(tmp_path / "wall")
    directory = tmp_path / "box"
    await furnished(directory, plugged(plug))
    box = edge_program(directory, extra=wall.environment)
    try:
        async with aiohttp.ClientSession() as http:
            await box.up()
            till = await Till(box.url, http).sign_in()
            yield await Played(box, till, Switch(plug, http), wall).started()
    finally:
        box.kill()
        plug.end()


@pytest.mark.parametrize("days", [400, -400])
async def test_a_step_of_the_wall_clock_ends_and_extends_nothing(played: Played, days: int) -> None:
    began = datetime.fromisoformat(await played.extended())
    played.wall.set(f"{days:+d}d")
    await played.till.sign_in()  # for a token runs out by the calendar, as it should
    await played.agrees()
    stepped = datetime.fromisoformat(await played.extended()) - began
    assert stepped.days in (days, days + 1, days - 1)
    await played.agrees()


async def test_a_box_that_comes_back_in_1970_goes_on_where_it_was(played: Played) -> None:
    played.box.kill()
    played.wall.set("@1970-01-01 00:00:10")
    await played.box.up()
    await played.agrees()
    assert (await played.extended()).startswith("1970-01-01T01:")
    played.wall.set("+0")
    await played.agrees()
