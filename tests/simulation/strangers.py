"""Guests whose phones are not on the venue's Wi-Fi: they sit down and order by way of the cloud.

What they ask travels as instructions, with their own ids in it, and may lie in the cloud for as long as the
line is down; then the box holds an order for the staff. Some of them get into the Wi-Fi meanwhile and ask
for the very same things there, under the same ids: whichever way comes first, it is one line and one order.
"""

import asyncio

import msgspec

from cloud.store.link.facts import Uuid
from edge.core.commands import AddItem, PlaceOrder
from edge.journal.writer import Accepted
from protocol.facts.fold import SHAPES
from protocol.instruction import GuestJoin, GuestLine, GuestOrder
from tests.simulation import menus, sometimes
from tests.simulation.owner import Owner
from tests.simulation.shift import Shift
from tests.simulation.wifi import Device

_OUTCOMES = SHAPES["command_outcomes"].column_names
_OFTEN_S = 45.0
_LOOKS = 40
_LOOK_EVERY_S = 2.0


class Stranger:
    """One phone after the other, from far away. `device` is its radio, for when it finds the Wi-Fi."""

    def __init__(self, device: Device, owner: Owner) -> None:
        self._device = device
        self._dice = device.dice
        self._owner = owner

    async def run(self, shift: Shift) -> None:
        """Come now and then, until nobody is let in any more."""
        while True:
            await self._device.think(_OFTEN_S)
            if not shift.open:
                return
            await self._visit()

    def _id(self) -> str:
        return f"{self._dice.getrandbits(80):020x}"

    async def _visit(self) -> None:
        member, token = self._id(), f"digest of {self._id()}"
        join = GuestJoin(self._dice.choice(menus.TABLES), "Far", self._id(), member, token, menus.WORD_DIGEST)
        seat = await self._outcome(self._owner.command(join, "guest"))
        if seat is None:
            return
        for _ in range(self._dice.randint(1, 3)):
            wanted = GuestOrder(seat, member, token, self._device.mid("far order"), self._lines())
            self._owner.command(wanted, "guest")
            if self._dice.random() < 0.4:
                await self._same_here(wanted)
            await self._device.think(20.0)

    def _lines(self) -> tuple[GuestLine, ...]:
        return tuple(
            GuestLine(self._device.mid("far line"), self._dice.randrange(11, 25), self._dice.randint(1, 2))
            for _ in range(self._dice.randint(1, 2))
        )

    async def _same_here(self, wanted: GuestOrder) -> None:
        """What was asked by way of the cloud, once more on the venue's own network."""
        who = wanted.session_pid, wanted.member_pid
        for line in wanted.lines:
            await self._device.ask(AddItem(*who, line.menu_item, line.qty, mid=line.mid), tries=5)
        placed = await self._device.ask(PlaceOrder(*who, mid=wanted.mid), tries=5)
        if isinstance(placed, Accepted):
            self._device.premises.venue.chronicle.saw(sometimes.BOTH_WAYS)

    async def _outcome(self, command_id: str) -> str | None:
        """The session that a join led to, as soon as the cloud has heard; None if it led nowhere."""
        for _ in range(_LOOKS):
            await asyncio.sleep(_LOOK_EVERY_S)
            row = self._owner.books.get(("command_outcomes", Uuid(self._owner.venue_id), command_id))
            if row is not None:
                told = dict(zip(_OUTCOMES, row, strict=True))
                if told["status"] in ("DONE", "REFUSED", "EXPIRED", "UNKNOWN"):
                    result: dict[str, str] = msgspec.json.decode(told["result"])
                    return result.get("session_pid")
        return None
