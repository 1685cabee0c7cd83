"""Many histories on all cores, and what they come to together.

Rule of the file: a history is told to a worker as its plan and nothing else, so whatever a worker finds can
be played again anywhere from the line that the plan prints.
"""

import gc
import logging
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from tests.simulation import sometimes
from tests.simulation.history import Result, play
from tests.simulation.plan import Plan

#: Called with every history as it ends.
Ended = Callable[[Result], None]


class Tally(msgspec.Struct):
    """Histories added up."""

    histories: int = 0
    broken: list[Result] = []
    figures: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    sometimes: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    passed: Counter[str] = Counter()

    def add(self, history: Result) -> None:
        """One more."""
        self.histories += 1
        if history.violations:
            self.broken.append(history)
        self.figures += history.figures
        self.faults += history.faults
        self.sometimes += history.sometimes
        self.refusals += history.refusals
        self.passed += history.passed

    @property
    def never(self) -> list[str]:
        """Rare things that did not happen in any of them."""
        return [name for name in sometimes.ALL if not self.sometimes[name]]


def cores() -> int:
    """How many of them this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def play_all(plans: Iterable[Plan], jobs: int, ended: Ended = lambda _history: None) -> Tally:
    """Play every plan, in `jobs` processes; in this one if that is enough."""
    tally = Tally()
    if jobs == 1:
        _hush()
        for plan in plans:
            _take(_play(plan), tally, ended)
        return tally
    with multiprocessing.get_context("spawn").Pool(jobs, _hush) as workers:
        for history in workers.imap_unordered(_play, plans, chunksize=4):
            _take(history, tally, ended)
    return tally


def _take(history: Result, tally: Tally, ended: Ended) -> None:
    tally.add(history)
    ended(history)


def _hush() -> None:
    """What the product logs in a history is heard by the history itself."""
    logging.lastResort = None


def _play(plan: Plan) -> Result:
    """Garbage is collected between histories: within one it would only be looked for in vain.

    What is there before the first one, the program itself, is never looked through again.
    """
    gc.disable()
    gc.freeze()
    try:
        return play(plan)
    finally:
        gc.collect()
        gc.unfreeze()
        gc.enable()
