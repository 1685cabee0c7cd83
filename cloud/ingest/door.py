"""Who may say hello now: of ten thousand boxes that come back at once few are judged at a time, none in vain.

    knock ──full──► 503, come again in so many seconds
      └──► arriving ──hello──► waiting ──a judge is free──► judged
                                  └──too late──► closed, try again

A box hangs up when nothing comes for a quarter of a minute (`protocol/link_patience.py`). A queue that is
longer than that would be judged for boxes that are gone, each of which has knocked anew behind it, and nobody
would ever be welcomed. So few come in, whoever is put off hears when to come again, one after the other, and
a hello that has grown old is not judged at all. Nothing is asked of the database before that.

A box that does not know `Retry-After` waits as for any failure, longer each time. Counterpart:
`edge/adapters/cloud/link/dialling.py`.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from cloud.ingest.ending import Ending, LinkOver
from cloud.web.figures import Figures
from protocol.errors import Refused, refuse

#: Connections whose hello is on its way, and hellos that wait for a judge: with more the door is full.
MOST_ARRIVING = 1024
MOST_WAITING = 256
#: A hello that waited for longer is not judged: its box would hang up before it is welcomed.
JUDGED_WITHIN_S = 8.0
#: Whoever is put off comes again one after the other, at this rate, but nobody later than this.
_APPOINTMENTS_A_SECOND = 100
_LATEST_S = 60.0


class Door:
    """The door of one process. `judges` hellos are held against the database at once."""

    def __init__(self, judges: int, figures: Figures) -> None:
        self._judges = asyncio.Semaphore(judges)
        self._figures = figures
        self._arriving = 0
        self._waiting = 0
        self._appointed_s = 0.0

    def knock(self) -> None:
        """Before anything is set aside for a connection. Raises `Refused` when the door is full."""
        if self._arriving < MOST_ARRIVING and self._waiting < MOST_WAITING:
            return
        self._figures.hellos_put_off.labels("door").inc()
        now_s = time.monotonic()
        appointed_s = max(self._appointed_s, now_s) + 1 / _APPOINTMENTS_A_SECOND
        self._appointed_s = min(appointed_s, now_s + _LATEST_S)
        raise Refused(refuse("crowded", retry_after_s=math.ceil(self._appointed_s - now_s)))

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """A connection is open and its hello is awaited while the block lasts."""
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1

    @asynccontextmanager
    async def judging(self) -> AsyncIterator[None]:
        """A hello is judged within the block, in its turn. Raises `LinkOver` when that comes too late."""
        self._wait(1)
        try:
            async with asyncio.timeout(JUDGED_WITHIN_S):
                await self._judges.acquire()
        except TimeoutError as error:
            self._figures.hellos_put_off.labels("queue").inc()
            raise LinkOver(Ending.TRY_AGAIN, "too many hellos at once; try again") from error
        finally:
            self._wait(-1)
        try:
            yield
        finally:
            self._judges.release()

    def _wait(self, more: int) -> None:
        self._waiting += more
        self._figures.hellos_waiting.set(self._waiting)
