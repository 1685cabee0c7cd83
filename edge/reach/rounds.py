"""Going round whenever there may be something to do, and once more after a pause when that went wrong.

The pauses grow while it goes on going wrong, with full jitter, so that the boxes of a chain whose cloud was
away do not all come back in the same second; being told to `look` cuts one short. What is to be done is found
anew in each round, so nothing is lost with the process.

Counterparts: `edge/adapters/cloud/dish_fetcher.py`, `edge/adapters/cloud/picture_courier.py`.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 300.0


def growing_s() -> Iterator[float]:
    """The longest that each pause in a row may be."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class Rounds:
    """`what` waits when a round raises one of `passing`, which is what may be over by the next."""

    def __init__(
        self,
        what: str,
        passing: tuple[type[Exception], ...],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._what = what
        self._passing = passing
        self._chance = chance
        self._changed = asyncio.Event()

    def look(self) -> None:
        """There may be something to do now."""
        self._changed.set()

    async def run(self, go: Callable[[], Awaitable[None]]) -> None:
        """One round, and another whenever somebody says `look`; until cancelled."""
        pauses_s = growing_s()
        while True:
            self._changed.clear()
            try:
                await go()
            except self._passing as error:
                log.info("%s wait: %s", self._what, error)
                await self._pause(self._chance() * next(pauses_s))
            else:
                pauses_s = growing_s()
                await self._changed.wait()

    async def _pause(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            return
