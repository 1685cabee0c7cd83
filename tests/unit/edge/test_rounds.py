"""Rounds that go wrong are made again after growing pauses, and at once when somebody says look."""

import asyncio
from itertools import islice

import pytest

from edge.reach.rounds import LONGEST_PAUSE_S, Rounds, growing_s


class Errand:
    """Goes wrong as often as it is told to."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures = failures
        self.gone = 0
        self.done = asyncio.Event()

    async def go(self) -> None:
        """One round."""
        self.gone += 1
        if self.failures:
            raise self.failures.pop()
        self.done.set()


async def test_what_passes_is_tried_until_it_works_and_then_only_when_somebody_looks() -> None:
    errand = Errand([OSError("no line"), OSError("no line")])
    rounds = Rounds("letters", (OSError,), chance=lambda: 0.0)
    async with asyncio.TaskGroup() as group, asyncio.timeout(60):
        task = group.create_task(rounds.run(errand.go))
        await errand.done.wait()
        assert errand.gone == 3
        errand.done.clear()
        rounds.look()
        await errand.done.wait()
        assert errand.gone == 4
        task.cancel()


async def test_a_pause_ends_when_somebody_looks() -> None:
    errand = Errand([OSError("no line")])
    paused = asyncio.Event()

    def for_an_hour() -> float:
        paused.set()
        return 1800.0

    rounds = Rounds("letters", (OSError,), for_an_hour)
    async with asyncio.TaskGroup() as group, asyncio.timeout(60):
        task = group.create_task(rounds.run(errand.go))
        await paused.wait()
        rounds.look()
        await errand.done.wait()
        task.cancel()


async def test_what_does_not_pass_is_raised() -> None:
    rounds = Rounds("letters", (OSError,))
    with pytest.raises(ValueError, match="a mistake of ours"):
        await rounds.run(Errand([ValueError("a mistake of ours")]).go)


def test_pauses_grow_up_to_five_minutes() -> None:
    assert list(islice(growing_s(), 10)) == [2, 4, 8, 16, 32, 64, 128, 256, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
