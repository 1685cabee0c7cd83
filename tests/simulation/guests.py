"""A party at a table, from the first scan to the last receipt: what people do with their phones.

Guests look at the cart now and then and act on what they saw, which may be old by then; that is where
conflicts come from. What they look at is what the box shows to everybody, so it is written down as seen.
"""

import asyncio
from collections.abc import Callable

import msgspec

from edge.core.commands import (
    AddItem,
    ChangeItem,
    CloseTable,
    Command,
    JoinTable,
    PlaceOrder,
    RemoveItem,
    ValidatePass,
)
from protocol.errors import Refusal
from protocol.facts.cart import Cart, CartItem, cart_hash
from protocol.facts.menu import MenuBook
from protocol.facts.table import MemberJoined
from tests.simulation import menus
from tests.simulation.cashier import Cashier
from tests.simulation.wifi import Device

#: Told of every cart that somebody looked at: session, version, lines as (id, version, quantity).
Seen = Callable[[str, int, tuple[tuple[int, int, int], ...]], None]


class Look(msgspec.Struct, frozen=True):
    """A cart as a phone shows it."""

    lines: list[CartItem]
    hash: str


class Guest:
    """One phone at a table."""

    def __init__(self, device: Device, seen: Seen) -> None:
        self._device = device
        self._dice = device.dice
        self._seen = seen
        self.session_pid = ""
        self.member_pid = ""
        self._look = Look([], cart_hash([]))

    def _pid(self) -> str:
        return f"{self._dice.getrandbits(80):020x}"

    async def join(self, table: str) -> bool:
        """Scan the table's code; each attempt brings fresh ids, as the web's handler makes them."""

        def again(command: Command) -> Command:
            assert isinstance(command, JoinTable)
            fresh = self._pid()
            return msgspec.structs.replace(
                command, session_pid=self._pid(), member_pid=fresh, token_digest=f"digest of {fresh}"
            )

        asked = again(JoinTable(table, "Chinu", "", "", "", self._device.mid("join")))
        outcome = await self._device.ask(asked, again)
        if isinstance(outcome, Refusal):
            return False
        for fact in outcome.facts:
            if isinstance(fact.event, MemberJoined):
                self.session_pid = fact.aggregate.partition(":")[2]
                self.member_pid = fact.event.member_pid
        return True

    async def say_word(self) -> None:
        """Type the pass word."""
        mid = self._device.mid("word")
        await self._device.ask(ValidatePass(self.session_pid, self.member_pid, menus.WORD_DIGEST, mid))

    async def dine(self, actions: int, pace_s: float) -> None:
        """So many things, one after the other."""
        for _ in range(actions):
            await self._device.think(pace_s)
            if self._dice.random() < 0.6:
                self.look()
            await self._act()

    def look(self) -> None:
        """See the cart as it is on the box's disk now."""
        hot = self._device.premises.hot
        cart = hot.committed(f"cart:{self.session_pid}") if hot is not None else None
        if isinstance(cart, Cart):
            live = cart.live()
            self._look = Look(live, cart_hash(live))
            self._seen(
                self.session_pid,
                cart.version,
                tuple(sorted((each.id, each.version, each.qty) for each in live)),
            )

    async def _act(self) -> None:
        roll = self._dice.random()
        lines = self._look.lines
        if roll < 0.5 or not lines:
            await self._add()
        elif roll < 0.7:
            line = self._dice.choice(lines)
            change = ChangeItem(
                self.session_pid, self.member_pid, line.id, line.version, self._dice.randint(1, 5)
            )
            await self._device.ask(msgspec.structs.replace(change, mid=self._device.mid("change")))
        elif roll < 0.8:
            line = self._dice.choice(lines)
            mid = self._device.mid("remove")
            await self._device.ask(RemoveItem(self.session_pid, self.member_pid, line.id, line.version, mid))
        else:
            await self.order()

    async def _add(self) -> None:
        hot = self._device.premises.hot
        book = hot.committed_menu() if hot is not None else None
        if not isinstance(book, MenuBook):
            return
        dish = self._dice.choice(book.menu.items)
        options = [option.id for group in dish.modifier_groups for option in book.groups[group].options]
        chosen = tuple(sorted(self._dice.sample(options, self._dice.randint(0, 2)))) if options else ()
        wanted = AddItem(
            self.session_pid, self.member_pid, dish.id, self._dice.randint(1, 3), modifiers=chosen,
            mid=self._device.mid("add"),
        )  # fmt: skip
        await self._device.ask(wanted)

    async def order(self) -> None:
        """Order what was seen last."""
        seen = self._look.hash if self._dice.random() < 0.8 else None
        placing = PlaceOrder(self.session_pid, self.member_pid, seen, mid=self._device.mid("order"))
        await self._device.ask(placing, tries=3)


class Party:
    """People who sit down together, and the waiter who takes their money and closes the table."""

    def __init__(self, device: Device, seen: Seen) -> None:
        self._device = device
        self._seen = seen
        self._dice = device.dice

    async def visit(self, table: str, pace_s: float) -> None:
        """All of it."""
        host = Guest(self._device, self._seen)
        if not await host.join(table):
            return
        others = [Guest(self._device, self._seen) for _ in range(self._dice.choice((0, 1, 1, 2, 3)))]
        await host.say_word()
        guests = [host, *[guest for guest in others if await guest.join(table)]]
        async with asyncio.TaskGroup() as group:
            for guest in guests:
                group.create_task(guest.dine(self._dice.randint(3, 9), pace_s))
        host.look()
        await host.order()
        await self._device.think(5.0)
        await Cashier(self._device).settle(host.session_pid)
        by = f"staff:{menus.MANAGER}"
        await self._device.ask(CloseTable(host.session_pid, "left", by, self._device.mid("close")))
