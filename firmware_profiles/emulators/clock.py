"""The clock inside an emulated device: every timer of the device runs on it.

A test moves a `ManualClock` by hand, so an hour of auto-off costs nothing; the demo uses real time.
Devices look at their clock whenever somebody looks at them, so nothing has to fire by itself.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since an arbitrary start; never goes back."""

    def now_s(self) -> float: ...


class RealClock:
    """Time as it passes."""

    def now_s(self) -> float:
        """Seconds on the monotonic clock."""
        return time.monotonic()


class ManualClock:
    """Time as the test says."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        """Seconds, moved only by `advance`."""
        return self._now_s

    def advance(self, by_s: float) -> None:
        """Let `by_s` seconds pass."""
        self._now_s += by_s
