"""Card payments on the provider's page that nobody waits for any more, called off before somebody pays.

A seat that was not paid for in time, or a session that ended, leaves its payment with the provider, where the
guest's page may still be open. What is to be called off follows from the journal alone, so a restart forgets
nothing: payments under way by way of the provider, of play sessions and bookings that are over. While the
cloud cannot be asked they stay; whoever is quicker and pays has the money back by itself
(`edge/core/play/late_money.py`), or for a booking is owed it, which the owner's list shows.
The newest are looked at first: terminals leave payments behind that stay unknown for ever, and only the
young ones can still have a page open.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator

from edge.core.money.payment import CARD
from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.errors import Refused
from protocol.facts.booking import Booking
from protocol.facts.fold import State
from protocol.facts.payment import UNDER_WAY, Payment
from protocol.facts.play import PlaySession

#: The provider's own page closes after half an hour, so there is no hurry and little to repeat.
AGAIN_S = 60.0
_UNDER_WAY = f"""
    SELECT payment_pid FROM payments WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN') AND method = '{CARD}'
    ORDER BY initiated_ms DESC LIMIT 200
"""

#: Calls a payment off at the provider; the journal follows its word.
CallOff = Callable[[str], Awaitable[object]]

log = logging.getLogger(__name__)


class GivenUp:
    """`hear` is a journal listener, `wake` for whoever notices that the cloud is back, `run` the task."""

    def __init__(
        self, hot: Hot, reader: sqlite3.Connection, call_off: CallOff, possible: Callable[[], bool]
    ) -> None:
        self._hot = hot
        self._reader = reader
        self._call_off = call_off
        self._possible = possible
        self._wake = asyncio.Event()
        self._wake.set()  # what a restart has left

    def hear(self, batch: list[Committed]) -> None:
        """A session or a booking that is over may have left a payment behind."""
        if any(_over(each.state) for each in batch):
            self._wake.set()

    def wake(self) -> None:
        """The cloud may be there again."""
        self._wake.set()

    def left(self) -> Iterator[str]:
        """Payments that nobody waits for."""
        for (pid,) in self._reader.execute(_UNDER_WAY).fetchall():
            payment = self._hot.committed(f"payment:{pid}")
            if isinstance(payment, Payment) and payment.provider and payment.status in UNDER_WAY:
                name = payment.initiated.session_pid
                if any(_over(self._hot.committed(f"{kind}:{name}")) for kind in ("play", "booking")):
                    yield pid

    async def run(self) -> None:
        """Call off what is left whenever there may be something, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if await self._to_do_again():
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    async def _to_do_again(self) -> bool:
        """A disk that cannot be read holds this up, and nothing else of the box."""
        try:
            return await self._turn()
        except sqlite3.Error as error:
            log.error("payments that nobody waits for wait for the disk: %s", error)
            return True

    async def _turn(self) -> bool:
        """Whether something could not be called off although the cloud is there."""
        for pid in list(self.left()):
            if not self._possible():
                return False
            try:
                await self._call_off(pid)
            except Refused as refused:
                # One that is always refused must not hold up those behind it.
                log.info("payment %s could not be called off: %s", pid, refused.refusal.code)
        return self._possible() and any(self.left())


def _over(state: State | None) -> bool:
    """Whether it is something that nobody pays for any more; who checked in has paid the deposit before."""
    if isinstance(state, Booking):
        return state.status in ("CANCELLED", "NO_SHOW")
    return isinstance(state, PlaySession) and not state.live
