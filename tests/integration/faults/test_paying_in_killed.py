"""kill -9 while guests pay in: what was answered is on disk, and whoever asks again pays once.

The box dies in the very instant after it has committed and before anybody was told, and in the middle of many
who pay in at once; the ordinary program then starts on the same disk and is asked for the same once more.
"""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from edge.core.commands import ConfigureVenue
from edge.journal.rebuild import rebuild
from protocol.facts.venue import StaffAccount
from tests.integration.edge.play.floor_box import PIN, _hasher
from tests.integration.faults.programs import Server, edge_program
from tests.open_box import OpenBox
from tests.sample_venue import config

pytestmark = pytest.mark.xdist_group("faults")

MANY, KILLED_AFTER = 24, 6


async def furnished(directory: Path) -> Server:
    """A box with a manager."""
    ana = StaffAccount("ana", "Ana", "manager", _hasher.hash(PIN))
    async with OpenBox(directory) as box:
        await box.accept(ConfigureVenue(msgspec.structs.replace(config(), staff=(ana,))))
    return edge_program(directory)


def mortal(box: Server, directory: Path, event: str) -> Server:
    """The same box, which dies right after it has committed such an event."""
    arguments = ["-m", "tests.integration.faults.mortal_box", event, *box.arguments[2:]]
    return Server(directory.with_suffix(".mortal.log"), arguments, box.port)


class Till:
    """Somebody at the counter, who asks again whatever has happened."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def sign_in(self) -> None:
        async with self._http.post("/api/v1/auth/pin", json={"user": "ana", "pin": PIN}) as answer:
            self._http.headers["Authorization"] = f"Bearer {(await answer.json())['token']}"

    async def pay_in(self, number: int, method: str = "CASH") -> dict[str, Any]:
        body = {"mid": f"pay-in-{number:04}", "amount_minor": 100 + number, "method": method}
        async with self._http.post("/api/v1/accounts/mia/payments", json=body) as answer:
            told: dict[str, Any] = await answer.json()
        assert answer.status == 201, told
        return told

    async def progress(self, pid: str) -> dict[str, Any]:
        path = f"/api/v1/payments/{pid}/progress"
        async with self._http.post(path, json={"state": "COMPLETED"}) as answer:
            told: dict[str, Any] = await answer.json()
        assert answer.status == 200, told
        return told

    async def balance(self) -> int:
        async with self._http.get("/api/v1/accounts/mia") as answer:
            return int((await answer.json())["balance_minor"])

    async def drawer(self) -> tuple[int, list[Any]]:
        """What should be in it, and what its report says of balances."""
        async with self._http.get("/api/v1/shifts") as answer:
            (shift,) = (await answer.json())["shifts"]
        async with self._http.get(f"/api/v1/shifts/{shift['shift_pid']}") as answer:
            return shift["expected_minor"], (await answer.json())["report"]["prepaid"]


async def test_money_that_nobody_was_told_of_is_taken_once(tmp_path: Path) -> None:
    directory = tmp_path / "box"
    box = await furnished(directory)
    dying = mortal(box, directory, "PaymentCompleted")
    try:
        async with aiohttp.ClientSession(box.url) as http:
            till = Till(http)
            await dying.up()
            await till.sign_in()
            card = (await till.pay_in(2, "CARD"))["payment"]["payment_pid"]
            with pytest.raises(aiohttp.ClientError):
                await till.pay_in(1)
            dying.kill()
            await box.up()
            first = await till.pay_in(1)
            assert (first["after_minor"], await till.balance()) == (101, 101)
            box.kill()
            await dying.up()
            with pytest.raises(aiohttp.ClientError):
                await till.progress(card)
            dying.kill()
            await box.up()
            for _ in range(2):
                assert (await till.progress(card))["payment"]["status"] == "COMPLETED"
            assert await till.pay_in(1) == {**first, "balance_minor": 203}
            again = await till.pay_in(2, "CARD")
            assert (again["payment"]["payment_pid"], again["after_minor"]) == (card, 203)
            assert await till.drawer() == (101, [{"kind": "paid_in", "count": 2, "amount_minor": 203}])
    finally:
        dying.kill()
        box.kill()
    assert rebuild(directory).agrees


async def test_many_who_pay_in_at_once_pay_once_each(tmp_path: Path) -> None:
    directory = tmp_path / "box"
    box = await furnished(directory)
    told: dict[int, dict[str, Any]] = {}
    enough = asyncio.Event()
    async with aiohttp.ClientSession(box.url) as http:
        till = Till(http)

        async def once(number: int) -> None:
            try:
                told[number] = await till.pay_in(number)
            except aiohttp.ClientError:
                return
            finally:
                if len(told) >= KILLED_AFTER:
                    enough.set()

        try:
            await box.up()
            await till.sign_in()
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                for number in range(MANY):
                    group.create_task(once(number))
                await enough.wait()
                box.kill()
            await box.up()
            again = {number: await till.pay_in(number) for number in range(MANY)}
            whole = sum(100 + number for number in range(MANY))
            for number, first in told.items():
                assert again[number]["payment"] == first["payment"]
                assert again[number]["after_minor"] == first["after_minor"]
            assert len({each["payment"]["payment_pid"] for each in again.values()}) == MANY
            assert await till.balance() == whole
            assert await till.drawer() == (whole, [{"kind": "paid_in", "count": MANY, "amount_minor": whole}])
        finally:
            box.kill()
    assert rebuild(directory).agrees
