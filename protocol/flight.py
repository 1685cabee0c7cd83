"""Runs of facts that are under way: what they weigh, until they are acknowledged or called back.

Both ends of the link count with it: the box what it may still send, the cloud what it holds in memory.
"""

from collections import deque


class Flight:
    """Runs under way that are not acknowledged yet: where each ends, and what its records weigh."""

    def __init__(self) -> None:
        self._runs: deque[tuple[int, int]] = deque()
        self.bytes = 0

    def left(self, last_seq: int, size_bytes: int) -> None:
        """A run ending at `last_seq` is on its way."""
        self._runs.append((last_seq, size_bytes))
        self.bytes += size_bytes

    def landed(self, seq: int) -> None:
        """Everything up to `seq` is durable; a run counts until all of it is."""
        while self._runs and self._runs[0][0] <= seq:
            self.bytes -= self._runs.popleft()[1]

    def recalled(self, seq: int) -> None:
        """Whatever ends after `seq` will be sent again."""
        while self._runs and self._runs[-1][0] > seq:
            self.bytes -= self._runs.pop()[1]
