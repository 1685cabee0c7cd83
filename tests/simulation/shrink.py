"""Makes a history that broke an invariant smaller, as long as it goes on breaking one.

A history is a function of its plan, so whatever is left out of the plan makes another history. Most of the
time it still fails, because each part of the world draws from a stream of randomness of its own. What can be
left out is tried from the coarsest to the finest: days, kinds of trouble, guests, the clock, single strikes.
"""

from collections.abc import Iterator

import msgspec

from tests.simulation.history import Result, play
from tests.simulation.plan import Plan

#: Histories that are tried at the most.
_MOST_TRIED = 80


def shrink(broken: Result, most_tried: int = _MOST_TRIED) -> Result:
    """The smallest history that was found to break an invariant, traced."""
    best, tried = broken.plan, 0
    smaller = _smaller(best)
    while tried < most_tried and (candidate := next(smaller, None)) is not None:
        tried += 1
        if play(candidate).violations:
            best = candidate
            smaller = _smaller(best)
    return play(msgspec.structs.replace(best, trace=True))


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Plans that leave something out."""
    change = msgspec.structs.replace
    for days in {1, plan.days // 2} - {0, plan.days}:
        yield change(plan, days=days)
    half = len(plan.kinds) // 2
    if half > 1:
        yield change(plan, kinds=plan.kinds[:half])
        yield change(plan, kinds=plan.kinds[half:])
    for kind in plan.kinds:
        yield change(plan, kinds=tuple(each for each in plan.kinds if each != kind))
    for visits in {1, plan.visits_a_day // 2} - {0, plan.visits_a_day}:
        yield change(plan, visits_a_day=visits)
    if plan.booked_every_s:
        yield change(plan, booked_every_s=0.0)
    if plan.wall:
        yield change(plan, wall=0)
    for number in range(len(plan.strikes)):
        yield change(plan, strikes=plan.strikes[:number] + plan.strikes[number + 1 :])
