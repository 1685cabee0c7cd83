"""The till that exists nowhere: three seconds, nine of ten, the same evening from the same seed."""

import pytest
from msgspec.structs import replace

from edge.adapters.till import simulator as pos_simulator
from edge.adapters.till.builtin import BuiltInPointOfSale
from edge.adapters.till.simulator import SimulatedPointOfSale
from edge.core.orders.point_of_sale import PosUnavailable, Taken
from protocol.facts.order import OrderPlaced
from protocol.facts.venue import Simulation
from tests.unit.protocol.facts.test_transitions import PLACED


class Till:
    """The simulator, with a clock that jumps."""

    def __init__(self, simulation: Simulation = Simulation()) -> None:  # noqa: B008 - frozen
        self.waited_s: list[float] = []
        self.till = SimulatedPointOfSale(simulation, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.waited_s.append(seconds)

    async def takes(self, number: int) -> bool:
        """Whether it takes this order now."""
        try:
            await self.till.place(order(number), 1)
        except PosUnavailable:
            return False
        return True


def order(number: int) -> OrderPlaced:
    """An order like any other."""
    return replace(PLACED, order_id=f"ORD-7-{number}", number=number)


async def test_it_takes_its_time_and_nine_of_ten() -> None:
    simulated = Till()
    taken = [await simulated.takes(number) for number in range(1000)]
    assert set(simulated.waited_s) == {3.0}
    assert 870 < sum(taken) < 930


async def test_the_same_seed_is_the_same_evening() -> None:
    first, second, other = (Till(Simulation(seed=seed)) for seed in (4, 4, 5))
    told = [[await till.takes(number) for number in range(60)] for till in (first, second, other)]
    assert told[0] == told[1] != told[2]


async def test_an_order_is_taken_once_and_found_again() -> None:
    till = SimulatedPointOfSale(Simulation(0.0, 1.0), Till()._pause)
    with pytest.raises(PosUnavailable, match="POS system unavailable"):
        await till.find_out("ORD-7-5", 1)
    assert await till.place(order(5), 1) == Taken("SIM-5")
    assert await till.place(order(5), 2) == await till.find_out("ORD-7-5", 2) == Taken("SIM-5")


async def test_what_was_taken_stays_taken_however_bad_the_luck() -> None:
    simulated = Till(Simulation(success=0.5, seed=1))
    lucky = 0
    while not await simulated.takes(lucky):
        lucky += 1
    assert all([await simulated.takes(lucky) for _ in range(50)])


async def test_last_months_orders_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pos_simulator, "MOST_ORDERS", 2)
    till = SimulatedPointOfSale(Simulation(0.0, 1.0), Till()._pause)
    for number in (1, 2, 3):
        await till.place(order(number), 1)
    with pytest.raises(PosUnavailable):
        await till.find_out("ORD-7-1", 1)
    assert await till.find_out("ORD-7-3", 1)


async def test_the_box_itself_takes_everything() -> None:
    assert await BuiltInPointOfSale().place(order(1), 1) == Taken()
    assert await BuiltInPointOfSale().find_out("ORD-7-1", 1) == Taken()
