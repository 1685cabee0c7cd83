"""Bookings as everybody but decisions looks at them: those that stand, and those of a day.

What stands is read once from the folded tables and then kept by the batches that the writer commits; a day
is read when somebody asks for it. Counterparts: `floor.py` is the same for play,
`edge/effects/play/booking_timers.py` listens for what is due.
"""

import sqlite3
from collections.abc import Callable

from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.booking import Booking, aggregate_of

_STANDING = "SELECT booking_id FROM bookings WHERE status IN ('HELD', 'CONFIRMED')"
_WITHIN = (
    "SELECT booking_id FROM bookings WHERE starts_ms < ? AND starts_ms > ? AND ends_ms > ? "
    "ORDER BY starts_ms, booking_id LIMIT 1000"
)
_HELD = "SELECT coalesce(sum(deposit_minor), 0) FROM bookings WHERE deposit IN ('paid', 'owed')"
#: No booking is longer; bounds what has to be looked through for those that began before a day did.
_LONGEST_MS = 25 * 3_600_000

#: Gets a booking right after something happened to it.
BookingListener = Callable[[Booking], None]


class Agenda:
    """Make it before the writer runs and hand `follow` to `Writer.listen`, so that no batch is missed."""

    def __init__(self, reader: sqlite3.Connection, hot: Hot) -> None:
        self._reader = reader
        self._hot = hot
        self._standing: dict[str, Booking] = {}
        self._listeners: list[BookingListener] = []
        for (booking_id,) in reader.execute(_STANDING).fetchall():
            found = self.booking(booking_id)
            if found is not None:
                self._standing[booking_id] = found

    def booking(self, booking_id: str) -> Booking | None:
        """A booking, whatever became of it."""
        state = self._hot.committed(aggregate_of(booking_id))
        return state if isinstance(state, Booking) else None

    def standing(self) -> list[Booking]:
        """Bookings that keep a station."""
        return list(self._standing.values())

    def next_at(self, station_id: str, wall_ms: int) -> Booking | None:
        """The one that comes next at a station, or is due now."""
        ahead = (
            each
            for each in self._standing.values()
            if each.station_id == station_id and each.made.ends_ms > wall_ms
        )
        return min(ahead, key=lambda each: each.made.starts_ms, default=None)

    def within(self, starts_ms: int, ends_ms: int) -> list[Booking]:
        """All that have a part in a span, earliest first, also those that are over."""
        limits = (ends_ms, starts_ms - _LONGEST_MS, starts_ms)
        found = (self.booking(row[0]) for row in self._reader.execute(_WITHIN, limits).fetchall())
        return [booking for booking in found if booking is not None]

    def held_minor(self) -> int:
        """What guests have left here as deposits."""
        return int(self._reader.execute(_HELD).fetchone()[0])

    def listen(self, listener: BookingListener) -> None:
        """Tell of every change from now on."""
        self._listeners.append(listener)

    def follow(self, batch: list[Committed]) -> None:
        """Take in what was committed; first all of it, then the news."""
        changed = {each.state.booking_id: each.state for each in batch if isinstance(each.state, Booking)}
        for booking in changed.values():
            if booking.stands:
                self._standing[booking.booking_id] = booking
            else:
                self._standing.pop(booking.booking_id, None)
        for booking in changed.values():
            for listener in tuple(self._listeners):
                listener(booking)
