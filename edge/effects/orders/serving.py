"""Tells phones when the hour of a dish begins or ends, so that nobody has to reload to see the lunch menu.

Rule of the file: what is served follows from the menu and the venue's clock, every time anew; the sleep until
the next change only says when to look. It is cut short, because the wall clock may be set meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable

from edge.core.clock import Now
from edge.core.local_time import local
from edge.core.orders.pricing import served
from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.menu import MenuAdopted
from protocol.serving_hours import minutes_to_change

log = logging.getLogger(__name__)

#: Longest sleep: how late a change may be told after somebody has set the clock.
MOST_REST_S = 60.0


class ServingClock:
    """Hand `hear` to `Writer.listen`; run `run` beside it. `tell` gets the version of the menu."""

    def __init__(self, hot: Hot, clock: Callable[[], Now], tell: Callable[[int], None]) -> None:
        self._hot = hot
        self._clock = clock
        self._tell = tell
        self._adopted = asyncio.Event()
        self._shown = self._closed()

    def hear(self, batch: list[Committed]) -> None:
        """Another menu has other hours; that it is there was told already."""
        if any(isinstance(each.fact.event, MenuAdopted) for each in batch):
            self._shown = self._closed()
            self._adopted.set()

    def _closed(self) -> frozenset[int]:
        book, now = self._hot.committed_menu(), self._clock()
        items = book.menu.items if book else ()
        return frozenset(item.id for item in items if not served(self._hot, item, now))

    def rest_s(self) -> float:
        """Seconds until something may have changed."""
        book, venue, now = self._hot.committed_menu(), self._hot.committed_venue(), self._clock()
        if book is None or venue is None or not now.clock_trusted:
            return MOST_REST_S
        at = local(now.wall_ms, venue.config.timezone)
        ends = (minutes_to_change(item.hours, at) for item in book.menu.items)
        minutes = min((each for each in ends if each is not None), default=None)
        if minutes is None:
            return MOST_REST_S
        return min(MOST_REST_S, minutes * 60 - at.second - at.microsecond / 1e6)

    def look(self) -> None:
        """Tell the phones if other dishes are served than at the last look."""
        closed, book = self._closed(), self._hot.committed_menu()
        if closed != self._shown and book is not None:
            self._tell(book.menu.menu_version)
        self._shown = closed

    async def run(self) -> None:
        """Look at every change, until cancelled."""
        while True:
            self._adopted.clear()
            rest_s = self._look_again()
            try:
                async with asyncio.timeout(rest_s):
                    await self._adopted.wait()
            except TimeoutError:
                continue

    def _look_again(self) -> float:
        """Look, and how long to rest. Where the disk cannot be read just now, it is looked at again later."""
        try:
            self.look()
            return self.rest_s()
        except Exception:
            log.exception("looking for what is served now failed")
            return MOST_REST_S
