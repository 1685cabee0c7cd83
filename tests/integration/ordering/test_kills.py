"""The box dies at every point of placing an order: then there is one order or none, no stuck lock, the truth.

First in this process, at exactly the points before and after each commit and each call, with the real
journal, effect, adapter and a till over HTTP; then as a real process that the till kills with SIGKILL.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import pytest
from aiohttp import web

from edge.core.commands import Command
from edge.core.orders.point_of_sale import Taken
from edge.journal.rebuild import rebuild
from edge.journal.writer import Outcome
from edge.web.guests.snapshots import snapshot
from protocol.cart_snapshot import CartSnapshot
from protocol.facts.order import OrderPlaced
from protocol.facts.table import TableSession
from protocol.facts.venue import PosConfig
from tests.integration.faults.programs import Server, edge_program
from tests.integration.ordering.box import ID, PosBox, till_at
from tests.integration.ordering.conftest import furnish
from tests.integration.ordering.till import Till, answers, kills
from tests.integration.ordering.venue import Phone
from tests.sample_venue import BURGER, now, opening, place

SAME_BOOT, REBOOTED = "boot-1", "boot-2"


class Killed(BaseException):
    """The process is gone at this very point."""


def die() -> NoReturn:
    """Here it ends."""
    raise Killed


class MortalBox(PosBox):
    """Dies before or after the first command of a type, or before or after the till has been called."""

    point: tuple[str, str] = ("", "")

    def mortal(self, when: str, what: str) -> "MortalBox":
        """Choose the point: `before` or `after` a command's name, or `call`."""
        self.point = (when, what)
        execute = self.writer.execute

        async def watched(command: Command) -> Outcome:
            self.reached("before", type(command).__name__)
            outcome = await execute(command)
            self.reached("after", type(command).__name__)
            return outcome

        self.writer.execute = watched  # type: ignore[method-assign]
        return self

    def reached(self, when: str, what: str) -> None:
        """Die if this is the point."""
        if (when, what) == self.point:
            die()

    def point_of_sale(self, pos: PosConfig) -> Any:
        """A till whose calls can be the last thing that happens."""
        return MortalTill(self, super().point_of_sale(pos))


class MortalTill:
    """The adapter with the points around its call."""

    def __init__(self, box: MortalBox, real: Any) -> None:
        self._box = box
        self._real = real

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        self._box.reached("before", "call")
        taken: Taken = await self._real.place(order, attempt)
        self._box.reached("after", "call")
        return taken

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`."""
        found: Taken = await self._real.find_out(order_id, attempt)
        return found


async def lives_until(box: MortalBox) -> None:
    """Order, and work until the point is reached."""

    async def work() -> None:
        async with box.calling():
            await box.order()
            await asyncio.Event().wait()

    with pytest.raises(BaseExceptionGroup) as death:
        await work()
    assert death.value.subgroup(Killed) is not None


def told(box: PosBox) -> CartSnapshot:
    """What a guest who looks now is shown."""
    session = box.hot.committed("table:s1")
    assert isinstance(session, TableSession)
    return snapshot(box.hot, session, now())


#: Where it dies, what the till does, and what became of the order when only the process is started again,
#: and when the power had been cut.
POINTS = [
    ("after", "PlaceOrder", [], "confirmed", "failed"),
    ("before", "AskPointOfSale", [], "confirmed", "failed"),
    ("after", "AskPointOfSale", [], "confirmed", "failed"),
    ("before", "call", [], "confirmed", "failed"),
    ("after", "call", [], "confirmed", "confirmed"),
    ("before", "ConfirmOrder", [], "confirmed", "confirmed"),
    ("after", "ConfirmOrder", [], "confirmed", "confirmed"),
    ("before", "FailOrder", [answers(503)], "confirmed", "failed"),
    ("after", "FailOrder", [answers(503)], "confirmed", "failed"),
    ("before", "FailOrder", [answers(422, {"status": "refused"})], "confirmed", "failed"),
    ("after", "FailOrder", [answers(422, {"status": "refused"})], "failed", "failed"),
]


@pytest.mark.parametrize("boot", [SAME_BOOT, REBOOTED])
@pytest.mark.parametrize(("when", "what", "fates", "restarted", "rebooted"), POINTS)
async def test_killed(
    tmp_path: Path, boot: str, when: str, what: str, fates: list[Any], restarted: str, rebooted: str
) -> None:
    expected = restarted if boot == SAME_BOOT else rebooted
    async with Till() as till:
        till.fates = list(fates)
        async with MortalBox(tmp_path, boot=SAME_BOOT) as box:
            await box.furnish(till_at(till.url))
            await lives_until(box.mortal(when, what))
        async with PosBox(tmp_path, boot=boot) as box:
            async with box.calling():
                await box.until(lambda order: order.status != "processing")
            shown = told(box)
            assert box.state().status == expected
            assert list(till.taken) == ([ID] if expected == "confirmed" else [])
            assert (shown.cart_locked, shown.pending_order_id) == (False, None)
            assert [order.order_id for order in shown.orders] == list(till.taken)
            assert len(shown.items) == (0 if expected == "confirmed" else 2)
            assert (shown.order_failure is not None) == (expected == "failed")
            if expected == "failed":
                async with box.calling():
                    await box.accept(place())
                    await box.ends("confirmed", box.hot.committed_orders_of("s1")[-1])
                assert len(till.taken) == 1
            tickets = box.rows("SELECT count(DISTINCT ticket), count(DISTINCT order_id) FROM tickets")
            assert tickets == [(1, 1)]
    assert rebuild(tmp_path).agrees


async def test_killed_before_the_lock_was_taken(tmp_path: Path) -> None:
    """Nothing had happened yet, so nothing did."""
    async with Till() as till:
        async with MortalBox(tmp_path, boot=SAME_BOOT) as box:
            await box.furnish(till_at(till.url))
            await lives_until(box.mortal("before", "PlaceOrder"))
        async with PosBox(tmp_path, boot=REBOOTED) as rebooted, rebooted.calling():
            shown = told(rebooted)
            assert (shown.cart_locked, len(shown.items), shown.orders) == (False, 2, ())
            await rebooted.accept(place())
            await rebooted.ends("confirmed")
        assert list(till.taken) == [ID]
    assert rebuild(tmp_path).agrees


# ── a real process, killed by the till ───────────────────────────────────────────────────────────


@pytest.fixture
async def box(tmp_path: Path, till: Till) -> AsyncIterator[Server]:
    """The program, serving a venue with that till."""
    directory = tmp_path / "box"
    await furnish(directory, opening(till_at(till.url, 2.0)))
    program = edge_program(directory)
    await program.up()
    yield program
    program.kill()
    assert rebuild(directory).agrees


async def hungry(http: aiohttp.ClientSession, box: Server) -> Phone:
    """A guest who has a burger in the cart."""
    async with await Phone.join(http, box.url) as phone:
        await phone.say_word()
        await phone.add(BURGER)
    return phone


async def presses(phone: Phone, seen: str) -> tuple[int, dict[str, Any]] | None:
    """Order, word for word as before; None when nobody answered."""
    try:
        return await phone.order(cart_hash=seen, mid="press-the-button")
    except (aiohttp.ClientError, OSError):
        return None


@pytest.mark.parametrize("taking", [False, True], ids=["before the till took it", "after the till took it"])
async def test_killed_while_the_till_is_called(box: Server, till: Till, taking: bool) -> None:
    async with aiohttp.ClientSession() as http:
        phone = await hungry(http, box)
        seen = (await phone.snapshot())["cart_hash"]
        till.fates = [kills(box, taking=taking)]
        assert await presses(phone, seen) is None
        await box.up()
        answered = await presses(phone, seen)
        assert answered == (201, {"order_id": ID, "ticket": "K-1"})
        shown = await phone.snapshot()
    assert [order["order_id"] for order in shown["orders"]] == list(till.taken) == [ID]
    assert (shown["cart_locked"], shown["items"]) == (False, [])
    assert [call[0] for call in till.calls].count("POST") == (1 if taking else 2)


@pytest.mark.parametrize("pause_ms", [0, 1, 3, 10])
async def test_killed_when_the_till_has_just_said_yes(box: Server, till: Till, pause_ms: int) -> None:
    """Somewhere between the till's yes and the phone's answer, wherever that happens to be."""

    killed = asyncio.Event()

    def kill() -> None:
        box.kill()
        killed.set()

    async def fate(opened: Till, _request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        asyncio.get_running_loop().call_later(pause_ms / 1000, kill)
        return opened.take(body)

    async with aiohttp.ClientSession() as http:
        phone = await hungry(http, box)
        seen = (await phone.snapshot())["cart_hash"]
        till.fates = [fate]
        await presses(phone, seen)
        await killed.wait()
        await box.up()
        assert await presses(phone, seen) == (201, {"order_id": ID, "ticket": "K-1"})
        shown = await phone.snapshot()
    assert [order["order_id"] for order in shown["orders"]] == list(till.taken) == [ID]
    assert [call[0] for call in till.calls].count("POST") == 1


async def test_killed_while_it_waits_to_ask_again(box: Server, till: Till) -> None:
    async with aiohttp.ClientSession() as http:
        phone = await hungry(http, box)
        seen = (await phone.snapshot())["cart_hash"]
        till.fates = [answers(503), answers(503)]
        async with phone, asyncio.TaskGroup() as group:
            group.create_task(presses(phone, seen))
            await phone.hears("order_processing", 2)
            box.kill()
        await box.up()
        assert await presses(phone, seen) == (201, {"order_id": ID, "ticket": "K-1"})
    assert till.calls == [("POST", ID, attempt) for attempt in (1, 2, 3)]
    assert list(till.taken) == [ID]
