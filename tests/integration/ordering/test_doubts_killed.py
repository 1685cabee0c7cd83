"""A doubt outlives its lock: the real box dies while nobody knows what became of a call, twice, and reboots.

Neither the lock's expiry nor a new boot gives the cart back, nor is the order sent again, until the till says
what it did. Money that is in doubt is held likewise. `kill -9` is real; the reboot is a start of the same
program to which the kernel's boot id reads otherwise.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from edge.core.commands import ConfigureVenue
from edge.journal.rebuild import rebuild
from protocol.facts.venue import StaffAccount
from tests.integration.faults.programs import Server, free_port
from tests.integration.ordering.box import ID, till_at
from tests.integration.ordering.conftest import furnish
from tests.integration.ordering.till import Till, answers, kills
from tests.integration.ordering.venue import PIN, Phone, _hasher, sign_in
from tests.sample_venue import BURGER, CAKE, opening

#: `holdfast-edge` on a machine whose boot id stands in a file of the test's.
_REBOOTABLE = """
import sys, pathlib
import edge.adapters.machine.system_clock as clock
from edge.cli import main
clock._BOOT_ID = pathlib.Path(sys.argv.pop(1))
sys.exit(main())
"""
_NOBODY_KNOWS = 10_000


class Machine(Server):
    """A box on a machine that can lose its power."""

    def __init__(self, directory: Path) -> None:
        self._boot = directory.with_suffix(".boot")
        self._boots = 0
        port = free_port()
        run = ["--log-level", "warning", "run", "--data", str(directory), "--host", "127.0.0.1"]
        arguments = ["-c", _REBOOTABLE, str(self._boot), *run, "--port", str(port)]
        super().__init__(directory.with_suffix(".log"), arguments, port)

    async def boots(self) -> None:
        """Power is back."""
        self._boots += 1
        self._boot.write_text(f"{self._boots:08x}-0000-0000-0000-000000000000\n")
        await self.up()


@pytest.fixture
async def box(tmp_path: Path, till: Till) -> AsyncIterator[Machine]:
    """The program, serving a venue with that till, and a waiter."""
    directory = tmp_path / "box"
    ann = StaffAccount("ann", "Ann", "manager", _hasher.hash(PIN))
    await furnish(
        directory,
        [
            ConfigureVenue(msgspec.structs.replace(command.config, staff=(ann,)))
            if isinstance(command, ConfigureVenue)
            else command
            for command in opening(till_at(till.url, 2.0))
        ],
    )
    machine = Machine(directory)
    await machine.boots()
    yield machine
    machine.kill()
    assert rebuild(directory).agrees


async def _asked_again(till: Till) -> None:
    """The box has asked the till what became of the order, and was told nothing."""
    till.called.clear()
    async with asyncio.timeout(60):
        await till.called.wait()


async def _orders(phone: Phone) -> None:
    """The box dies under this."""
    seen = (await phone.snapshot())["cart_hash"]
    with pytest.raises((aiohttp.ClientError, OSError)):
        await phone.order(cart_hash=seen, mid="press-the-button")


async def _is_held(http: aiohttp.ClientSession, box: Machine, phone: Phone) -> None:
    """The cart shows its lock and nobody may change it, whatever phone."""
    shown = await phone.snapshot()
    assert (shown["cart_locked"], shown["pending_order_id"]) == (True, ID)
    assert shown["order_processing_status"] != "idle"
    again = await Phone.join(http, box.url, token=phone.token)
    async with again:
        await again.send({"type": "cart_mutate", "op": "create", "menu_item": CAKE, "qty": 1})
        assert (await again.hears("error"))["code"] == "cart_locked"


async def _until_free(phone: Phone) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            shown = await phone.snapshot()
            if not shown["cart_locked"]:
                return shown
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("taking", [True, False], ids=["the till has it", "the till never got it"])
async def test_a_doubt_outlives_its_lock(box: Machine, till: Till, taking: bool) -> None:
    async with aiohttp.ClientSession() as http:
        async with await Phone.join(http, box.url) as phone:
            await phone.say_word()
            await phone.add(BURGER)
        till.fates = [kills(box, taking=taking)]
        till.questions = [answers(503)] * _NOBODY_KNOWS
        await _orders(phone)
        for _ in range(2):
            await box.boots()
            await _asked_again(till)
            await _is_held(http, box, phone)
            box.kill()
        await box.boots()
        await _asked_again(till)
        assert [call[0] for call in till.calls].count("POST") == 1, "an order in doubt is never sent again"
        till.questions = []
        shown = await _until_free(phone)
        taken = [order["order_id"] for order in shown["orders"]]
        assert taken == list(till.taken) == ([ID] if taking else [])
        assert len(shown["items"]) == (0 if taking else 1), "what the till does not have is in the cart again"
        again = await Phone.join(http, box.url, token=phone.token)
        async with again:
            await again.add(CAKE)


async def test_money_in_doubt_is_held_across_a_reboot(box: Machine, till: Till) -> None:
    async with aiohttp.ClientSession() as http:
        async with await Phone.join(http, box.url) as phone:
            await phone.say_word()
            await phone.add(BURGER)
        assert (await phone.order())[0] == 201
        headers = await sign_in(http, box.url, "ann")
        bill = f"{box.url}/api/v1/bills/{phone.session_pid}/payments"
        body = {"method": "CARD", "mid": "card-once"}
        async with http.post(bill, json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            pid = (await answer.json())["payment"]["payment_pid"]
        box.kill()
        await box.boots()
        headers = await sign_in(http, box.url, "ann")
        one = f"{box.url}/api/v1/payments/{pid}"
        async with http.post(f"{one}/progress", json={"state": "UNKNOWN"}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        box.kill()
        await box.boots()
        headers = await sign_in(http, box.url, "ann")
        async with http.post(
            bill, json={"method": "CASH", "mid": "cash-too", "amount_minor": 1}, headers=headers
        ) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (409, "overpays")
        async with http.post(f"{one}/progress", json={"state": "COMPLETED"}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        async with http.get(one, headers=headers) as answer:
            assert (await answer.json())["status"] == "COMPLETED"
