"""Who may catch up now: when a line comes back, a thousand boxes have a fortnight to tell at once.

    resting ──ask──► waiting ──a slot is free──► admitted ──done, idle, or had its share──► resting

A box that is in step, or a little behind, needs no slot. One that is far behind is welcomed all the same
and keeps its heartbeat, its commands and its readings; of its facts a few pass now and then (`PATIENCE_S`),
so that its line is not taken for dead and its owner sees it move. Of all that wait only so many a second, or
they would keep those that are admitted from getting anywhere. Only so many are admitted to a large credit at
once, in the order in which they asked, each for a share in bytes and seconds, after which it asks anew behind
the others. So what a process holds in memory is bounded: slots with large credit, links with small, and those
in the line with next to none.

A box needs to know nothing of this: it is told credits, as ever. Counterpart: `cloud/ingest/socket.py`.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress

from cloud.web.figures import Figures

#: Facts and bytes that may always be on their way: what a venue at work sends while nothing is amiss.
SMALL_FACTS = 200
SMALL_BYTES = 64 * 1024
#: The same for a box that waits for its slot: it only has to be seen to move.
WAITING_FACTS = 25
WAITING_BYTES = 8 * 1024
#: A box takes its line for dead a minute after its last acknowledgement (`protocol/link_patience.py`).
PATIENCE_S = 15.0
#: So many runs a second may pass without a slot; whoever is too many asks again a moment later.
TRICKLES_A_SECOND = 40
_ASKED_AGAIN_S = 1.0
#: What an admitted box may send, and how long, before whoever waits gets its turn.
SHARE_BYTES = 16 * 1024 * 1024
SHARE_S = 10.0
#: One that sends nothing for so long does not need its slot.
IDLE_S = 5.0


class CatchUps:
    """The slots of one process."""

    def __init__(self, slots: int, credit_facts: int, credit_bytes: int, figures: Figures) -> None:
        self._free = slots
        self._queue: deque[Turn] = deque()
        self.large = credit_facts, credit_bytes
        self.figures = figures
        self._second = 0
        self._trickled = 0

    def turn(self) -> "Turn":
        """The place of one connection, which leaves it when it ends."""
        return Turn(self)

    @property
    def contended(self) -> bool:
        """Whether anybody waits."""
        return bool(self._queue)

    def queue(self, turn: "Turn") -> None:
        """Give a slot, or a place in the line."""
        self._queue.append(turn)
        self._admit()

    def trickle(self) -> bool:
        """Whether one more run may pass without a slot in this second."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._trickled = second, 0
        self._trickled += 1
        return self._trickled <= TRICKLES_A_SECOND

    def forget(self, turn: "Turn", *, admitted: bool) -> None:
        """It gives its slot back, or its place in the line up."""
        if admitted:
            self._free += 1
        else:
            with suppress(ValueError):
                self._queue.remove(turn)
        self._admit()

    def _admit(self) -> None:
        while self._free and self._queue:
            self._free -= 1
            self._queue.popleft().admit()
        self.figures.catch_ups_waiting.set(len(self._queue))


class Turn:
    """One connection's: resting, waiting or admitted."""

    def __init__(self, slots: CatchUps) -> None:
        self._slots = slots
        self._asked_s: float | None = None
        self._admitted = asyncio.Event()
        self._until_s = 0.0
        self._left_bytes = 0
        self._yielding = False

    @property
    def admitted(self) -> bool:
        """Whether the connection has a slot."""
        return self._admitted.is_set()

    def credit(self) -> tuple[int, int]:
        """Facts and bytes that may be on their way now."""
        if self._asked_s is not None and not self.admitted:
            return WAITING_FACTS, WAITING_BYTES
        return (SMALL_FACTS, SMALL_BYTES) if self._asked_s is None or self._yielding else self._slots.large

    def ask(self, behind: int) -> None:
        """The box is so many facts behind; it gets into the line if that is far."""
        if behind > SMALL_FACTS and self._asked_s is None:
            self._asked_s = time.monotonic()
            self._slots.queue(self)

    def admit(self) -> None:
        """It has a slot from now on."""
        now_s = time.monotonic()
        self._slots.figures.catch_up_wait_s.observe(now_s - (self._asked_s or now_s))
        self._slots.figures.catch_ups.inc()
        self._until_s, self._left_bytes, self._yielding = now_s + SHARE_S, SHARE_BYTES, False
        self._admitted.set()

    async def wait(self, behind: int) -> None:
        """Before a run is decoded: those that are far behind wait for their slot, for a while."""
        self.ask(behind)
        patience_s = PATIENCE_S
        while self._asked_s is not None and not self.admitted:
            try:
                async with asyncio.timeout(patience_s):
                    await self._admitted.wait()
            except TimeoutError:
                patience_s = _ASKED_AGAIN_S
                if self._slots.trickle():
                    self._slots.figures.catch_ups_trickled.inc()
                    return

    def spent(self, size_bytes: int, behind: int, in_flight: int) -> None:
        """A run is durable. `in_flight` facts are taken and not durable yet."""
        self._left_bytes -= size_bytes
        if self._asked_s is None:
            return
        if behind <= 0 or (self._yielding and in_flight <= SMALL_FACTS):
            self.rest()
            self.ask(behind)  # behind the others, if it has more to tell
        elif self.admitted and self._slots.contended:
            # Told with this acknowledgement; what was sent before it arrives is taken in first.
            self._yielding = self._left_bytes <= 0 or time.monotonic() >= self._until_s

    def rest(self) -> None:
        """Give up the slot or the place in the line."""
        if self._asked_s is None:
            return
        admitted = self.admitted
        self._asked_s, self._yielding = None, False
        self._admitted.clear()
        if admitted:
            self._slots.figures.catch_ups.dec()
        self._slots.forget(self, admitted=admitted)
