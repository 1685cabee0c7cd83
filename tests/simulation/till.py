"""A till outside the box: slow, sometimes closed, sometimes cut off in the middle of its answer.

It keeps the rule of `edge/core/orders/point_of_sale.py`: an order is taken at most once whatever is asked,
and after a *no* to `find_out` no earlier attempt is taken any more. It stands in the venue and not in the
box, so it works on while the box is dead, and takes what the dying box had asked for.
"""

import asyncio
import random

from edge.core.orders.point_of_sale import PosRefused, PosUnavailable, PosUnknown, Taken
from protocol.facts.order import OrderPlaced
from tests.simulation import sometimes
from tests.simulation.chronicle import Chronicle
from tests.simulation.fate import Moment
from tests.simulation.loop import VirtualLoop


class AtTheTill:
    """The till as one life of the box calls it, which may end before and after the call."""

    def __init__(self, till: "Till", moment: Moment) -> None:
        self._till = till
        self._moment = moment

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        self._moment.pass_by("box.till place.before")
        try:
            return await self._till.place(order, attempt)
        finally:
            self._moment.pass_by("box.till place.after")

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`."""
        self._moment.pass_by("box.till find out.before")
        try:
            return await self._till.find_out(order_id, attempt)
        finally:
            self._moment.pass_by("box.till find out.after")


class Till:
    """Implements `PointOfSale`. `taken` counts how often each order went into its books."""

    def __init__(self, loop: VirtualLoop, dice: random.Random, chronicle: Chronicle) -> None:
        self._loop = loop
        self._dice = dice
        self._chronicle = chronicle
        self.taken: dict[str, int] = {}
        self._closed_up_to: dict[str, int] = {}
        #: Odds that a question finds it closed, and that its answer gets lost.
        self.closed = 0.0
        self.lost = 0.0

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        roll, delay_s = self._dice.random(), self._dice.uniform(0.1, 2.0)
        if roll < self.closed:
            await asyncio.sleep(delay_s)
            raise (PosRefused if roll < self.closed / 4 else PosUnavailable)("The till is closed")
        answer: asyncio.Future[bool] = self._loop.create_future()
        self._loop.call_later(delay_s, self._take, order.order_id, attempt, answer)
        if self._dice.random() < self.lost:
            await asyncio.sleep(self._dice.uniform(0.0, 2 * delay_s))
            raise PosUnknown("the line was cut")
        if not await answer:
            raise PosUnavailable("The till has closed that question")
        return Taken(f"T-{order.order_id}")

    def _take(self, order_id: str, attempt: int, answer: "asyncio.Future[bool]") -> None:
        taken = attempt > self._closed_up_to.get(order_id, 0)
        if taken:
            self._chronicle.note(f"till takes {order_id} at attempt {attempt}")
            self.taken.setdefault(order_id, attempt)
        if not answer.done():
            answer.set_result(taken)

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`."""
        self._chronicle.saw(sometimes.TILL_UNKNOWN)
        await asyncio.sleep(self._dice.uniform(0.1, 1.0))
        if self._dice.random() < self.lost:
            raise PosUnknown("the line was cut")
        if order_id in self.taken:
            return Taken(f"T-{order_id}")
        self._closed_up_to[order_id] = max(attempt, self._closed_up_to.get(order_id, 0))
        raise PosUnavailable("The till does not have it")
