"""One instant, as the box knows it.

Decisions get a `Now` and never read a clock themselves. `mono_ns` is CLOCK_BOOTTIME of boot `boot`:
nobody can set it and it runs on through suspend, so it is what paid time and locks are counted on.
`wall_ms` is for people; it may be wrong, and `clock_trusted` says whether it is believed.

Counterpart: `edge/adapters/machine/system_clock.py` makes them from the kernel's clocks, tests by hand.
"""

import msgspec


class Now(msgspec.Struct, frozen=True):
    """An instant: `mono_ns` within boot `boot`, and the best estimate of Unix time in milliseconds."""

    boot: str
    mono_ns: int
    wall_ms: int
    clock_trusted: bool
