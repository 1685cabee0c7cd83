"""Counting failed attempts, so that pass words and PINs cannot be guessed.

A sliding window per key. Only failures count; a success clears the key. Kept in memory on purpose: a
restart of the box gives an attacker a handful of further guesses, not more.
"""

from collections import deque
from collections.abc import Callable

from protocol.errors import Refused, refuse

#: Keys remembered at once; the oldest are dropped, so that a flood of made-up names cannot fill memory.
MOST_KEYS = 10_000


class Throttle:
    """At most `most` failures within `window_s` per key. `monotonic_s` is the clock."""

    def __init__(self, most: int, window_s: float, monotonic_s: Callable[[], float]) -> None:
        self._most = most
        self._window_s = window_s
        self._monotonic_s = monotonic_s
        self._failures: dict[str, deque[float]] = {}

    def check(self, key: str) -> None:
        """Raises `Refused` with `rate_limited` while the key has used up its attempts."""
        failures = self._failures.get(key)
        if failures is None:
            return
        now = self._monotonic_s()
        while failures and failures[0] <= now - self._window_s:
            failures.popleft()
        if len(failures) >= self._most:
            wait_s = int(failures[0] + self._window_s - now) + 1
            raise Refused(refuse("rate_limited", retry_after_s=wait_s))

    def failed(self, key: str) -> None:
        """Count one failure."""
        failures = self._failures.pop(key, None) or deque(maxlen=self._most)
        failures.append(self._monotonic_s())
        self._failures[key] = failures
        if len(self._failures) > MOST_KEYS:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, key: str) -> None:
        """Forget the key's failures."""
        self._failures.pop(key, None)
