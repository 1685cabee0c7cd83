"""The owner, far away: publishes menus and configurations, and asks the venue for things through the cloud.

What there is to ask about the owner sees in the cloud's tables, which may be old; so commands come too late,
for sessions that have ended and orders that the kitchen has. Some things are asked for twice, under another
command each, as an impatient owner does. What is about wallets is asked by `treasurer.py`.
"""

import asyncio
import random
from functools import partial
from typing import Any

import msgspec

from cloud.store.link.facts import Uuid
from protocol import instruction
from protocol.facts.fold import SHAPES
from protocol.instruction import Ask, Instruction
from tests.simulation import menus
from tests.simulation.clouds import Clouds
from tests.simulation.sheets import Key
from tests.simulation.shift import Shift
from tests.simulation.terminal import Terminal

#: How long a command is worth carrying out.
_TTL_MS = (3_000, 60_000, 600_000)
_LATELY = 6
_OFTEN_S = 14.0


_encode = msgspec.json.Encoder().encode


def _as_it_is(body: bytes, _seq: int) -> bytes:
    return body


class Owner:
    """`outside_till` is how often a configuration has orders taken by a till of somebody else's."""

    def __init__(
        self, clouds: Clouds, venue_id: str, dice: random.Random, outside_till: float, terminal: Terminal
    ) -> None:
        self._outside_till = outside_till
        self._clouds = clouds
        self.venue_id = venue_id
        self._terminal = terminal
        self._dice = dice
        #: Idempotency keys that travel inside instructions, for whoever wonders who asked.
        self.mids: set[str] = set()

    @property
    def books(self) -> dict[Key, Any]:
        """What the cloud shows."""
        return self._clouds.books.all

    def publish(self, stream: str) -> int:
        """The next version; its place in the stream."""
        dice, venue_id, till = self._dice, self.venue_id, self._outside_till
        if stream == "menu":
            seq = self._clouds.publish(venue_id, "menu", lambda seq: menus.menu(dice, seq))
        else:
            seq = self._clouds.publish(
                venue_id, "config", lambda seq: menus.config(dice, seq, venue_id, till)
            )
        self._clouds.chronicle.note(f"owner publishes {stream} {seq}")
        return seq

    async def run(self, shift: Shift) -> None:
        """Change something now and then."""
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / _OFTEN_S))
            if not shift.open:
                return
            roll = self._dice.random()
            if roll < 0.35:
                self.publish("menu" if self._dice.random() < 0.7 else "config")
            else:
                self._ask_twice(self._ask())

    def _ask_twice(self, ask: Ask) -> None:
        """Now and then."""
        for _ in range(2 if self._dice.random() < 0.4 else 1):
            self.command(ask, "owner:o@example.com")

    def command(self, ask: Ask, by: str) -> str:
        """Hand it down; its id."""
        told = Instruction(self._id("command"), by, self._dice.choice(_TTL_MS), ask)
        if isinstance(ask, instruction.GuestJoin | instruction.GuestOrder):
            self.mids.add(told.command_id)
        if isinstance(ask, instruction.GuestOrder):
            self.mids.update((ask.mid, *(line.mid for line in ask.lines)))
        seq = self._clouds.publish(self.venue_id, "commands", partial(_as_it_is, _encode(told)))
        self._clouds.chronicle.note(f"{by} asks {seq} {told.command_id}: {ask}")
        return told.command_id

    def _id(self, what: str) -> str:
        return f"{what}-{self._dice.getrandbits(64):x}"

    def _ask(self) -> Ask:
        dice = self._dice
        session, order = self._lately("play_sessions"), self._lately("orders")
        asks: list[Ask] = [
            instruction.MarkSoldOut(dice.choice((14, 19, 23)), dice.random() < 0.4),
            instruction.TellStaff("The band comes at nine.", self._id("note")),
            instruction.AskBackup(),
            instruction.AskResend(),
        ]
        request = self._lately("refund_requests", "pending" if dice.random() < 0.7 else None)
        if request is not None:
            asks += [instruction.DecideRefund(request, dice.random() < 0.5, "looked at")] * 3
        if session is not None:
            asks += [
                instruction.ExtendSession(session, 60, 150, self._id("extend")),
                instruction.ExtendSession(session, 120, 0, self._id("extend")),
                instruction.StopSession(session, "closing early"),
            ]
        asks += self._about_payments()
        debt = self._lately("venue_credits", "open")
        if debt is not None:
            asks += [instruction.WriteOffCredit(debt, "never came back")] * 30
        if order is not None:
            asks += [instruction.CancelOrder(order, "a mistake", self._id("request"))] * 2
        return dice.choice(asks)

    def _about_payments(self) -> list[Ask]:
        """Give one back, or a part of it; say how a card ended that the terminal had stored."""
        payment, card = self._lately("payments"), self._lately("stored_cards")
        asks: list[Ask] = []
        if payment is not None:
            part = self._dice.choice((None, None, 100, 2_000))
            asks += [instruction.ReturnPayment(payment, "they complained", part, self._id("back"))] * 4
        if card is not None:
            asks.append(instruction.SettleStoredCard(card, self._terminal.sends(card), "declined"))
        return asks

    def _lately(self, table: str, status: str | None = None) -> str | None:
        """One of the newest of the cloud's rows, whatever has become of it meanwhile."""
        place = SHAPES[table].column_names.index("status")
        venue = Uuid(self.venue_id)
        rows = [(key, row) for key, row in self.books.items() if key[0] == table and key[1] == venue]
        known = [key[2] for key, row in rows if status in (None, row[place])][-_LATELY:]
        return str(self._dice.choice(known)) if known else None
