"""Crash points tried one by one and two by two, instead of by chance.

A calm history is played once to learn which points it passes, and in which order. Then it is played again for
chosen hits, with a death at each: every name's first and last hit and some between, and pairs of a hit and
another one soon after, which falls into what the first death left to be mended.
"""

import random
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from tests.simulation.history import play
from tests.simulation.plan import Plan, calm

#: A second death within so many points falls into what followed the first.
_SOON = 40
_VISITS = 2


def _course(seed: int) -> tuple[Plan, list[str]]:
    """A calm history, and the names of the points it passes."""
    plan = calm(seed, visits_a_day=_VISITS)
    return plan, play(msgspec.structs.replace(plan, trace=True)).hits


def singles(seed: int, each: int) -> Iterator[Plan]:
    """Up to `each` hits of every point that the history passes; more of them than there are means all."""
    plan, hits = _course(seed)
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(hits, 1):
        places[name].append(place)
    dice = random.Random(f"singles {seed}")
    for of_name in places.values():
        ends = {of_name[0], of_name[-1]}
        between = [place for place in of_name if place not in ends]
        chosen = [*sorted(ends), *dice.sample(between, min(len(between), max(0, each - len(ends))))]
        for place in chosen[:each]:
            yield msgspec.structs.replace(plan, strikes=(place,))


def pairs(seed: int, count: int) -> Iterator[Plan]:
    """So many pairs of hits that are not far from each other."""
    plan, hits = _course(seed)
    dice = random.Random(f"pairs {seed}")
    for _ in range(count):
        first = dice.randrange(1, len(hits))
        yield msgspec.structs.replace(plan, strikes=(first, first + dice.randint(1, _SOON)))
