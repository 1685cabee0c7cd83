"""Between people's devices and the box: requests and answers that may be late, lost, or there twice.

`Device.ask` does what every page of the product does: it sends a command again, under the same `mid`, until
somebody tells what became of it. So every command gets its outcome in the end, whatever happens to the box.
"""

import asyncio
import random
from collections.abc import Callable

import msgspec

from edge.core.commands import Command
from edge.journal.writer import Outcome
from protocol.errors import Refusal
from tests.simulation.loop import VirtualLoop
from tests.simulation.premises import Premises

_PATIENCE_S = 6.0
#: Refusals that are about this moment; whoever hears them asks again.
_ANOTHER_TIME = ("storage_failed", "rate_limited", "not_configured", "order_in_progress", "cart_locked")


class Air(msgspec.Struct):
    """How the Wi-Fi is doing: seconds one way, odds per message."""

    latency_s: float = 0.01
    lost: float = 0.0
    repeated: float = 0.0


class Device:
    """Anybody's phone, screen or till in the venue."""

    def __init__(self, premises: Premises, air: Air, loop: VirtualLoop, dice: random.Random) -> None:
        self.premises = premises
        self.dice = dice
        self._air = air
        self._loop = loop

    def mid(self, what: str) -> str:
        """A fresh idempotency key."""
        return f"{what}-{self.dice.getrandbits(64):016x}"

    async def ask(
        self, command: Command, again: Callable[[Command], Command] | None = None, tries: int = 10_000
    ) -> Outcome:
        """What becomes of a command. `again` makes the next attempt's command out of the last one's."""
        while True:
            outcome = await self._try(command)
            tries -= 1
            patient = isinstance(outcome, Refusal) and outcome.code in _ANOTHER_TIME and tries > 0
            if outcome is not None and not patient:
                return outcome
            await asyncio.sleep(self.dice.uniform(0.2, 2.0))
            command = again(command) if again else command

    async def _try(self, command: Command) -> Outcome | None:
        """One attempt; None if no answer came."""
        answer: asyncio.Future[Outcome | None] = self._loop.create_future()

        def settle(outcome: Outcome | None) -> None:
            if not answer.done():
                answer.set_result(outcome)

        def reply(outcome: Outcome) -> None:
            if not self._loses():
                self._loop.call_later(self._delay_s(), settle, outcome)

        for _ in range(1 + (self.dice.random() < self._air.repeated)):
            if not self._loses():
                self._loop.call_later(self._delay_s(), self.premises.receive, command, reply)
        patience = self._loop.call_later(_PATIENCE_S, settle, None)
        outcome = await answer
        patience.cancel()
        return outcome

    def _loses(self) -> bool:
        return self._air.lost > 0 and self.dice.random() < self._air.lost

    def _delay_s(self) -> float:
        return self._air.latency_s * self.dice.uniform(0.3, 1.7)

    async def think(self, mean_s: float) -> None:
        """People take their time."""
        await asyncio.sleep(self.dice.expovariate(1.0 / mean_s))
