"""A slice of what `make sim` plays: histories by chance, crash points one by one and two by two."""

import msgspec
import pytest

from tests.simulation.history import play
from tests.simulation.plan import WALLS, Plan, calm, plan
from tests.simulation.runs import play_all
from tests.simulation.sweep import pairs, singles

_SEEDS_A_SLICE = 10


def _unbroken(plans: list[Plan]) -> None:
    tally = play_all(plans, jobs=1)
    assert [(broken.violations, broken.plan.command()) for broken in tally.broken] == []
    assert tally.figures["acked actions checked"] > tally.histories


@pytest.mark.parametrize("first", range(0, 4 * _SEEDS_A_SLICE, _SEEDS_A_SLICE))
def test_no_history_breaks_an_invariant(first: int) -> None:
    _unbroken([plan(seed, 1) for seed in range(first, first + _SEEDS_A_SLICE)])


def test_a_history_of_days_breaks_none() -> None:
    _unbroken([plan(1_000, 4)])


def test_a_death_at_any_named_point_breaks_none() -> None:
    _unbroken(list(singles(2_000, each=1)))


def test_two_deaths_soon_after_each_other_break_none() -> None:
    _unbroken(list(pairs(3_000, 20)))


def test_other_wall_clocks_change_no_decision() -> None:
    quiet = calm(4_000, visits_a_day=6)
    walls = [play(msgspec.structs.replace(quiet, wall=wall)) for wall in range(len(WALLS))]
    assert len({history.digest for history in walls}) == 1
    assert len({history.decisions for history in walls}) == 1
    assert walls[0].figures["answers"] > 50


def test_a_seed_is_one_history() -> None:
    first, again = (play(plan(7, 1)) for _ in range(2))
    assert (first.digest, first.decisions, first.faults) == (again.digest, again.decisions, again.faults)
    assert play(plan(8, 1)).digest != first.digest
