"""The valve around the link: held cut by whoever wants it, opened by the last, and hung up for a new
hello.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.effects.afar.valve import Valve
from tests.open_box import until


class FakeLink:
    """Counts its lives."""

    def __init__(self) -> None:
        self.begun = 0
        self.living = 0
        self.reasons: list[str] = []

    async def run(self) -> None:
        self.begun += 1
        self.living += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.living -= 1


@asynccontextmanager
async def running(link: FakeLink) -> AsyncIterator[Valve]:
    valve = Valve(link.run, link.reasons.append)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(valve.run())
        await until(lambda: link.living == 1)
        yield valve
        task.cancel()


async def test_it_is_cut_until_the_last_lets_go() -> None:
    link = FakeLink()
    async with running(link) as valve:
        valve.shut("one", "a drill")
        valve.shut("two", "another")
        await until(lambda: link.living == 0 and bool(link.reasons))
        assert link.reasons[-1] == "a drill; another"
        valve.open("one")
        await until(lambda: link.reasons[-1] == "another")
        assert (link.living, valve.cut) == (0, True)
        valve.open("two")
        valve.open("nobody")
        await until(lambda: link.living == 1)
        assert link.begun == 2


async def test_a_new_hello_is_a_new_life() -> None:
    link = FakeLink()
    async with running(link) as valve:
        valve.anew()
        await until(lambda: link.begun == 2 and link.living == 1)
        assert link.reasons == []


async def test_shut_and_opened_at_once_it_says_hello_again() -> None:
    link = FakeLink()
    async with running(link) as valve:
        valve.shut("one", "a drill")
        valve.open("one")
        await until(lambda: link.begun == 2 and link.living == 1)
