"""A history that breaks an invariant can be made smaller, and the line that it prints plays it again."""

import shlex

import pytest

from tests.simulation.__main__ import chosen, options
from tests.simulation.guard import Guard
from tests.simulation.guards import GUARDS
from tests.simulation.history import Result, play
from tests.simulation.shrink import shrink

_MOST_PLAYED = 25
_MOST_TRIED = 10


def _first_broken(guard: Guard) -> Result:
    return next(history for plan in guard.plans(0, _MOST_PLAYED) if (history := play(plan)).violations)


def _arguments(line: str) -> list[str]:
    """What the Makefile makes of a printed line."""
    told = dict(word.split("=", 1) for word in shlex.split(line)[2:])
    return ["--seed", told["SEED"], "--days", told["DAYS"], "--trace", *shlex.split(told.get("OPTIONS", ""))]


def test_a_smaller_history_breaks_as_well_and_its_line_plays_it_again() -> None:
    guard = next(guard for guard in GUARDS if guard.name == "options cost something")
    with guard.removed():
        broken = _first_broken(guard)
        smaller = shrink(broken, _MOST_TRIED)
        assert smaller.violations
        assert smaller.plan.visits_a_day < broken.plan.visits_a_day
        again = play(chosen(options(_arguments(smaller.plan.command()))))
    assert (again.digest, again.violations) == (smaller.digest, smaller.violations)


@pytest.mark.parametrize("seed", [11, 12])
def test_the_line_of_any_seed_is_its_plan(seed: int) -> None:
    line = f"make sim SEED={seed} DAYS=1 TRACE=1"
    assert chosen(options(_arguments(line))).command() == line
