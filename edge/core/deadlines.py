"""When is what due? One heap for any number of keys, each with at most one deadline (core.md §6).

Pure: seconds are handed in, of one clock that only moves forward. A key that is set anew or dropped leaves
its old entry in the heap, where it is passed over when its time comes; that keeps both at O(log n).
"""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

NEVER = float("inf")


class Deadlines(Generic[K]):
    """Deadlines by key."""

    def __init__(self) -> None:
        self._at: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._entries = 0

    def set(self, key: K, at_s: float) -> None:
        """`key` is due at `at_s`, whatever was set before."""
        if self._at.get(key) == at_s:
            return
        self._at[key] = at_s
        self._entries += 1  # breaks ties, so that keys are never compared
        heapq.heappush(self._heap, (at_s, self._entries, key))

    def drop(self, key: K) -> None:
        """`key` is never due."""
        self._at.pop(key, None)

    def take(self, now_s: float) -> list[K]:
        """Keys that are due, earliest first; they are no longer set."""
        taken: list[K] = []
        while self.next_s() <= now_s:
            key = heapq.heappop(self._heap)[2]
            del self._at[key]
            taken.append(key)
        return taken

    def next_s(self) -> float:
        """The earliest deadline; `NEVER` when there is none."""
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER
