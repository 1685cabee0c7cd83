"""Every guard that the simulation takes away is where its list says; `tests/simulation` sees it missed."""

import pytest

from tests.simulation.guard import Guard
from tests.simulation.guards import GUARDS
from tests.simulation.surgery import changed, function_at


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "_"))
def test_a_guard_is_where_its_list_says(guard: Guard) -> None:
    """Whoever moves it moves its row in `tests/simulation/guards.py`."""
    for place, cut, put in guard.cuts:
        assert changed(function_at(place), cut, put) != function_at(place).__code__
