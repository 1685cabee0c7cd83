"""Whatever guard is taken away, some history misses it."""

import inspect

import pytest

from tests.simulation.guard import Guard
from tests.simulation.guards import GUARDS
from tests.simulation.history import play
from tests.simulation.surgery import CutMissed, changed, function_at

#: Histories that are played without a guard before it counts as unneeded.
_MOST_PLAYED = 40


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "_"))
def test_somebody_misses(guard: Guard) -> None:
    with guard.removed():
        missed = any(play(plan).violations for plan in guard.plans(0, _MOST_PLAYED))
    assert missed, f"{_MOST_PLAYED} histories went well without: {guard.name}"


def test_a_cut_that_misses_is_told() -> None:
    with pytest.raises(CutMissed):
        changed(function_at("edge.core.tables.table:join"), "no such line", "")


def test_the_product_is_whole_again_afterwards() -> None:
    guard = GUARDS[0]
    function = function_at(guard.place)
    before = function.__code__
    with guard.removed():
        assert function.__code__ is not before
    assert function.__code__ is before
    assert inspect.getsource(function).count(guard.cut) == 1
