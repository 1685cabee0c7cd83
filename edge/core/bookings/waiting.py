"""What is due for bookings: deposits that never came, guests who have not come, seats that are still taken.

A booking begins at an hour that people read off a wall, and a wall's clock may be wrong or be set. So the
hour only says from when a guest is waited for; how long is counted on the clock of the boot, from the moment
in which the box first saw the hour come. A clock that jumps ahead and back again, or a night without power,
never makes a no-show of anybody. Pure; `edge/effects/play/booking_timers.py` asks what is due here.
"""

from collections.abc import Iterable

import msgspec

from edge.core.bookings.booking import held_ns
from edge.core.clock import Now
from protocol.facts.booking import Booking
from protocol.facts.play import NS

#: How long before a booking somebody should know that its station will not be free.
SOON_MS = 15 * 60_000


class Due(msgspec.Struct, frozen=True):
    """Bookings of which something is due now, and in how many seconds to look again; None for never."""

    lapsed: tuple[Booking, ...]
    missed: tuple[Booking, ...]
    soon: tuple[Booking, ...]
    again_s: float | None


class Waiting:
    """Remembers since when each guest is waited for."""

    def __init__(self) -> None:
        self._since_ns: dict[str, int] = {}

    def look(self, standing: Iterable[Booking], now: Now) -> Due:
        """What is due at an instant of this boot; a clock may be set at any time, so look often."""
        bookings = list(standing)
        self._since_ns = {
            each.booking_id: self._since_ns.get(each.booking_id, now.mono_ns)
            for each in bookings
            if now.clock_trusted and each.made.starts_ms <= now.wall_ms
        }
        left = {each.booking_id: self._left_ns(each, now) for each in bookings}
        return Due(
            lapsed=tuple(each for each in bookings if each.status == "HELD" and held_ns(each, now) <= 0),
            missed=tuple(each for each in bookings if left[each.booking_id] <= 0),
            soon=tuple(each for each in bookings if self._soon(each, now)),
            again_s=max(0.0, min(self._next_ns(each, now) for each in bookings) / NS) if bookings else None,
        )

    def _left_ns(self, booking: Booking, now: Now) -> int:
        """How much longer a guest is waited for; before the hour, at least the whole grace."""
        since_ns = self._since_ns.get(booking.booking_id)
        grace_ns = booking.made.grace_s * NS
        return max(grace_ns, 1) if since_ns is None else grace_ns - (now.mono_ns - since_ns)

    def _next_ns(self, booking: Booking, now: Now) -> int:
        ahead = [held_ns(booking, now)] if booking.status == "HELD" else []
        if booking.booking_id in self._since_ns:
            ahead.append(self._left_ns(booking, now))
        elif now.clock_trusted:
            until_ms = booking.made.starts_ms - now.wall_ms
            ahead += [each * 1_000_000 for each in (until_ms, until_ms - SOON_MS) if each > 0]
        return min((each for each in ahead if each > 0), default=NS * 3600)

    def _soon(self, booking: Booking, now: Now) -> bool:
        return now.clock_trusted and booking.made.starts_ms - SOON_MS <= now.wall_ms < booking.made.ends_ms
