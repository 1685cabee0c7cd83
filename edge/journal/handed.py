"""Adopting what the cloud hands down, entry by entry: on disk first, acknowledged afterwards.

An entry that makes no sense here is passed over and stays unacknowledged, so that a newer release gets it
again. It holds up nothing else: whatever follows in its stream replaces it as a whole.
"""

import logging
from collections.abc import Callable

from edge.core.afar.handed_down import command_of, last_resort
from edge.core.clock import Now
from edge.journal.writer import Accepted, Writer
from protocol import link
from protocol.codec import UNREADABLE
from protocol.errors import Refusal

#: Refusals of a command from the cloud that are about this moment and not about the command.
_ANOTHER_TIME = ("storage_failed", "rate_limited", "box_replaced")

log = logging.getLogger(__name__)


class NotNow(Exception):
    """The box cannot adopt anything at the moment; the entry has to come again."""


class Handed:
    """The streams of one box. `passed_over` says in words what makes no sense, by stream."""

    def __init__(self, writer: Writer, clock: Callable[[], Now]) -> None:
        self._writer = writer
        self._clock = clock
        self.passed_over: dict[str, str] = {}

    async def apply(self, stream: str, entry: link.Entry) -> bool:
        """Adopt one entry; True once it is on disk. Raises `NotNow` when the disk refuses it."""
        try:
            command = command_of(stream, entry, self._clock())
        except UNREADABLE as error:
            return self._pass_over(stream, entry, str(error))
        outcome = await self._writer.execute(command)
        if isinstance(outcome, Refusal) and outcome.code not in _ANOTHER_TIME:
            last = last_resort(command)
            outcome = outcome if last is None else await self._writer.execute(last)
        if isinstance(outcome, Accepted):
            self.passed_over.pop(stream, None)
            return True
        if outcome.code in _ANOTHER_TIME:
            raise NotNow(f"{stream} entry {entry.seq} was refused: {outcome.code}")
        return self._pass_over(stream, entry, outcome.message)

    def _pass_over(self, stream: str, entry: link.Entry, why: str) -> bool:
        self.passed_over[stream] = f"the latest {stream} ({entry.seq}) makes no sense to this box"
        log.error("%s entry %d is passed over: %s", stream, entry.seq, why)
        return False
