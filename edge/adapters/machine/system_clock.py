"""The box's clocks: CLOCK_BOOTTIME for what is counted, Unix time for people, and whether it is believed.

A Raspberry Pi without a battery boots in the past. Wall time is trusted once the kernel says that NTP
disciplines it (adjtimex(2) without STA_UNSYNC), or once the cloud has told the time; the difference to the
system's clock is then kept, so that a wrong system clock does not matter. Counterpart: `edge/core/clock.py`.
"""

import ctypes
import secrets
import time
from pathlib import Path

from edge.core.clock import Now

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: adjtimex(2): return value when the clock is not synchronised.
_TIME_ERROR = 5
#: The cloud's word replaces the system's clock only when they differ by more than a network's delay.
_TOLERANCE_MS = 2000


def _ntp_synchronised() -> bool:
    """Whether the kernel believes its clock."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return False
    buffer = ctypes.create_string_buffer(512)
    return bool(0 <= adjtimex(buffer) < _TIME_ERROR)


class SystemClock:
    """Callable: the present instant."""

    def __init__(self) -> None:
        boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else secrets.token_hex(16)
        self.boot = boot.replace("-", "")[:12]
        self._offset_ms = 0
        self._trusted = _ntp_synchronised()

    def __call__(self) -> Now:
        """See `Now`."""
        return Now(
            self.boot,
            time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            time.time_ns() // 1_000_000 + self._offset_ms,
            self._trusted,
        )

    def learn(self, server_time_ms: int) -> None:
        """The cloud told the time: believe it where the kernel has nothing better."""
        if _ntp_synchronised():
            self._offset_ms = 0
        else:
            difference = server_time_ms - time.time_ns() // 1_000_000
            self._offset_ms = difference if abs(difference) > _TOLERANCE_MS else 0
        self._trusted = True
