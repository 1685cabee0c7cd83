"""The PC's clocks: one that runs on through suspend and that nobody can set, and the one on the wall.

Linux has CLOCK_BOOTTIME; on Windows `time.monotonic` is the tick count, which goes on while it sleeps.
"""

import time
from collections.abc import Callable

_BOOTTIME: int = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", 0))


def now_s() -> float:
    """Seconds since some moment before the agent started; never goes back."""
    read: Callable[[int], float] | None = getattr(time, "clock_gettime", None)
    return time.monotonic() if read is None else read(_BOOTTIME)


def wall_ms() -> int:
    """Unix milliseconds, for the note of when the PC was last on."""
    return time.time_ns() // 1_000_000
