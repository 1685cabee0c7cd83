"""A ticket that nobody ordered, to see whether the kitchen gets it and answers (install.md, 'Devices').

It is no fact and costs nobody anything: no order, no stock, no slip. It goes out as tickets do, over MQTT to
the station's devices and to kitchen pages, again until somebody answers, and leaves their screens afterwards.
Its name is one that no order ever gets, for those are counted from 1; an answer that comes late is dropped.

Counterparts: `kitchen.py` and `edge/web/kitchen_socket.py` send it and hand in who answered.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import msgspec

from edge.core.clock import Now
from edge.journal.board import BoardListener
from protocol.facts.order import OrderLine
from protocol.facts.ticket import Ticket, TicketFired

PRACTICE = "K-0"
_WORDS = "A test by whoever installs this. Cook nothing."


class Practice:
    """`ring` waits for an answer; calls for one station wait for each other."""

    def __init__(self, clock: Callable[[], Now]) -> None:
        self._clock = clock
        self._listeners: list[BoardListener] = []
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def listen(self, listener: BoardListener) -> Callable[[], None]:
        """Hand `listener` the ticket whenever it moves; call what is returned to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def answered(self, ticket: str, station: str, by: str) -> bool:
        """Whether this was an answer to a ticket of ours, and so nobody else's business."""
        if ticket != PRACTICE:
            return False
        waiting = self._answers.get(station)
        if waiting is not None and not waiting.done():
            waiting.set_result(by)
        return True

    async def ring(self, station: str, within_s: float) -> str:
        """Who answered first, as given to `answered`. Raises `TimeoutError` if nobody does."""
        async with self._one_at_a_time[station]:
            answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            self._answers[station] = answer
            ticket = self._ticket(station)
            self._tell(ticket)
            try:
                async with asyncio.timeout(within_s):
                    return await answer
            finally:
                del self._answers[station]
                self._tell(msgspec.structs.replace(ticket, state="served"))

    def _ticket(self, station: str) -> Ticket:
        line = OrderLine(0, 0, "Test", 1, 0, 0, "", station)
        first = TicketFired(PRACTICE, station, "TEST", "", "Test", (line,), _WORDS)
        now_ms = self._clock().wall_ms
        return Ticket(1, first, "fired", now_ms, 0, now_ms)

    def _tell(self, ticket: Ticket) -> None:
        for listener in tuple(self._listeners):
            listener([ticket])
