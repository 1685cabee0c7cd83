"""For how long the cloud has not been heard: what stored cards and the venue's credit are held against.

Counted on the monotonic clock from the moment the link went down, or from the start of this run, and noted on
disk now and then, so that a restart in the middle of an outage does not begin to count anew. A drill is no
outage: the internet is there, and what it cut counts from its end. Counterparts:
`edge/core/money/stored_cards.py` puts this run and the noted time together, `edge/core/money/credit.py` lends
while it lasts.
"""

import asyncio
import contextlib
from collections.abc import Callable

from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.core.money.commands import NoteCutOff
from edge.journal.hot import Hot
from edge.journal.writer import Committed, Outcome, Writer
from protocol.facts.drill import DrillEnded
from protocol.facts.terminal import AGGREGATE

_NS = 1_000_000_000
#: A link that is back within a minute was no outage; afterwards this much may be forgotten by a restart.
FIRST_NOTE_S = 60.0
NOTE_EVERY_S = 600.0
#: Lending asks for more than a line that is dialling: after a restart or a drill that takes a few seconds.
SURE_S = 15.0


class CutOff:
    """`link_changed` is for the link's listeners, `hear` for the journal's, `run` the task.

    Without a link nobody can be cut off.
    """

    def __init__(
        self,
        *,
        link: Callable[[], LinkState] | None,
        on_purpose: Callable[[], bool],
        writer: Writer,
        hot: Hot,
        clock: Callable[[], Now],
    ) -> None:
        self._link = link
        self._on_purpose = on_purpose
        self._writer = writer
        self._hot = hot
        self._clock = clock
        self._since_ns = clock().mono_ns
        self._away = True
        self._changed = asyncio.Event()

    def link_changed(self) -> None:
        """The link came or went."""
        if self._link is None:
            return
        away = self._link().state == "down"
        if away != self._away:
            self._away, self._since_ns = away, self._clock().mono_ns
            self._changed.set()

    def hear(self, batch: list[Committed]) -> None:
        """What was cut on purpose is dialling again."""
        if any(isinstance(each.fact.event, DrillEnded) for each in batch):
            self._since_ns = self._clock().mono_ns

    def seconds(self) -> float | None:
        """Since when, as far as this run knows; None while the cloud is there, or might be."""
        if self._link is None or not self._away or self._on_purpose():
            return None
        return (self._clock().mono_ns - self._since_ns) / _NS

    def sure(self) -> bool:
        """Whether the cloud cannot be reached, and not merely not yet."""
        away_s = self.seconds()
        return away_s is not None and away_s >= SURE_S

    @property
    def heard_since(self) -> bool:
        """Whether the cloud has taken the last word about it that is on disk."""
        return self._link is None or self._hot.head(AGGREGATE) <= self._link().acked_seq

    def note(self) -> None:
        """Put it on disk, where it matters."""
        away_s = self.seconds()
        if away_s is not None:
            self._writer.submit(NoteCutOff(away_s, self.heard_since), _ignore)

    async def run(self) -> None:
        """Note it while it lasts, until cancelled."""
        while True:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._changed.wait()
                    continue
            self.note()

    def _wait_s(self) -> float | None:
        away_s = self.seconds()
        if away_s is None:
            return NOTE_EVERY_S
        return FIRST_NOTE_S if away_s < FIRST_NOTE_S else NOTE_EVERY_S


def _ignore(_outcome: Outcome) -> None:
    """What could not be written is noted again the next time."""
