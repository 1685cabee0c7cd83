"""A point of sale that exists nowhere, for training and for tests (seed 002 §2D): 3 s, nine of ten succeed.

The same seed gives the same evening. It forgets everything with its process, as a till that broke would;
then an order in doubt is one that it does not have. Counterpart: `edge/core/orders/point_of_sale.py`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from edge.core.orders.point_of_sale import PosUnavailable, Taken
from protocol.facts.order import OrderPlaced
from protocol.facts.venue import Simulation

#: Orders remembered for repeats; a till in training need not remember last month.
MOST_ORDERS = 1000


class SimulatedPointOfSale:
    """Implements `PointOfSale`. `pause` waits for so many seconds."""

    def __init__(
        self, simulation: Simulation, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._simulation = simulation
        self._pause = pause
        self._random = random.Random(simulation.seed)
        self._taken: dict[str, Taken] = {}

    async def place(self, order: OrderPlaced, attempt: int) -> Taken:
        """See `PointOfSale`."""
        await self._pause(self._simulation.delay_s)
        if order.order_id not in self._taken and self._random.random() >= self._simulation.success:
            raise PosUnavailable("POS system unavailable")
        taken = self._taken.setdefault(order.order_id, Taken(f"SIM-{order.number}"))
        if len(self._taken) > MOST_ORDERS:
            del self._taken[next(iter(self._taken))]
        return taken

    async def find_out(self, order_id: str, attempt: int) -> Taken:
        """See `PointOfSale`."""
        if order_id not in self._taken:
            raise PosUnavailable("POS system unavailable")
        return self._taken[order_id]
