"""A box with a till: the real journal, read model, calls and adapters; and a table that wants to order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge.adapters.machine.system_clock import SystemClock
from edge.adapters.till.simulator import SimulatedPointOfSale
from edge.adapters.till.webhook import WebhookPointOfSale
from edge.core.clock import Now
from edge.core.orders.point_of_sale import PointOfSale
from edge.effects.alarms import Alarms
from edge.effects.orders.point_of_sale import Limits, PointOfSaleCalls, Surroundings
from edge.journal.under_way import OrdersUnderWay
from protocol.facts.order import Order
from protocol.facts.venue import PosConfig
from tests.integration.ordering.till import KEY
from tests.open_box import OpenBox
from tests.sample_venue import CAKE, add, join, opening, place, say_word

ID = "ORD-7-1"
#: Pauses a hundredth of the real ones, so that tests need not wait; nobody leaves.
BRISK = Limits(owner_grace_s=3600.0, doubt_alarm_s=30.0, disk_s=0.02, pace=0.01)


class PosBox(OpenBox):
    """An open box on the machine's clock. The same directory continues where it was left.

    `later_s` puts the monotonic clock forward; `away_s` is how long every guest has been away.
    """

    def __init__(
        self, directory: Path, limits: Limits = BRISK, boot: str = "boot-1", later_s: int = 0
    ) -> None:
        self._system_clock = SystemClock()
        self.later_s = later_s
        super().__init__(directory, boot=boot)
        self.under_way = OrdersUnderWay(self.reader, self.hot)
        self.writer.listen(self.under_way.follow)
        self.alarms = Alarms()
        self.away_s = 0.0
        self.made: dict[PosConfig, PointOfSale] = {}
        around = Surroundings(
            under_way=self.under_way,
            hot=self.hot,
            writer=self.writer,
            alarms=self.alarms,
            clock=self.clock,
            pos_of=self.point_of_sale,
            away_s=lambda _member: self.away_s,
            limits=limits,
        )
        self.calls = PointOfSaleCalls(around)

    def clock(self) -> Now:
        """The machine's, in a boot of the test's choosing."""
        now = self._system_clock()
        return Now(self.boot, now.mono_ns + self.later_s * 1_000_000_000, now.wall_ms, True)

    def point_of_sale(self, pos: PosConfig) -> PointOfSale:
        """What the configuration names, as the box makes it."""
        if pos not in self.made:
            webhook = WebhookPointOfSale(pos.url, KEY, pos.timeout_s, lambda: 1_700_000_000)
            self.made[pos] = SimulatedPointOfSale(pos.simulation) if pos.kind == "simulator" else webhook
        return self.made[pos]

    async def furnish(self, pos: PosConfig) -> "PosBox":
        """Configure the venue, seat a guest, fill the cart: once."""
        if self.writer.seq == 0:
            for command in (
                *opening(pos),
                join("chinu"),
                join("anshu"),
                say_word(),
                add(qty=2),
                add(dish=CAKE),
            ):
                await self.accept(command)
        return self

    @asynccontextmanager
    async def calling(self) -> AsyncIterator["PosBox"]:
        """With the point of sale being asked."""
        async with asyncio.TaskGroup() as group:
            calls = group.create_task(self.calls.run())
            yield self
            calls.cancel()

    async def order(self) -> None:
        """Chinu presses the button."""
        await self.accept(place())

    def state(self, order_id: str = ID) -> Order:
        """The order as it is on disk."""
        order = self.hot.committed(f"order:{order_id}")
        assert isinstance(order, Order)
        return order

    async def until(self, condition: Callable[[Order], bool], order_id: str = ID) -> Order:
        """Wait until the order is so."""
        changed = asyncio.Event()
        self.under_way.listen(lambda _order_id: changed.set())
        async with asyncio.timeout(60):
            while not condition(self.state(order_id)):
                changed.clear()
                await changed.wait()
        return self.state(order_id)

    async def ends(self, status: str, order_id: str = ID) -> Order:
        """Wait until the order has this status."""
        return await self.until(lambda order: order.status == status, order_id)

    def kinds(self, order_id: str = ID) -> list[str]:
        """What happened to the order, in order, without the prefix."""
        rows = self.rows(
            "SELECT record ->> '$.event.type' FROM journal WHERE aggregate = ?", f"order:{order_id}"
        )
        return [str(row[0]) for row in rows]


def till_at(url: str, timeout_s: float = 5.0) -> PosConfig:
    """A venue whose point of sale is over there."""
    return PosConfig("webhook", url, timeout_s)
