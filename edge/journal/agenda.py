"""Bookings as everybody but decisions looks at them: those that stand, and those of a day.

What stands is read once from the folded tables and then kept by the batches that the writer commits; a day
is read when somebody asks for it. Counterparts: `floor.py` is the same for play,
`edge/effects/play/booking_timers.py` listens for what is due.
"""

import sqlite3
from collections.abc import Callable, Collection

from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.booking import Booking, aggregate_of
from protocol.facts.payment import Payment

_STANDING = "SELECT booking_id FROM bookings WHERE status IN ('HELD', 'CONFIRMED')"
_WITHIN = (
    "SELECT booking_id FROM bookings WHERE starts_ms < ? AND starts_ms > ? AND ends_ms > ? "
    "ORDER BY starts_ms, booking_id LIMIT 1000"
)
#: A part of a deposit may have been given back by itself.
_HELD = """
    SELECT coalesce(sum(p.amount_minor - p.refunded_minor), 0)
    FROM bookings b JOIN payments p ON p.payment_pid = b.deposit_pid WHERE b.deposit IN ('paid', 'owed')
"""
#: No booking is longer; bounds what has to be looked through for those that began before a day did.
_LONGEST_MS = 25 * 3_600_000

#: Gets a booking right after something happened to it, and whose agenda it is or was on: stations.
BookingListener = Callable[[Booking, Collection[str]], None]


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

    def left_minor(self, booking: Booking) -> int:
        """What the venue still has of a deposit, after what was given back of it."""
        payment = self._hot.committed(f"payment:{booking.deposit_pid}")
        if not isinstance(payment, Payment) or booking.deposit not in ("paid", "owed"):
            return 0
        return payment.left_minor

    def listen(self, listener: BookingListener) -> None:
        """Tell of every change from now on."""
        self._listeners.append(listener)

    def follow(self, batch: list[Committed]) -> None:
        """Take in what was committed; first all of it, then the news."""
        changed = {each.state.booking_id: each.state for each in batch if isinstance(each.state, Booking)}
        left = {name: self._standing[name].station_id for name in changed if name in self._standing}
        for booking in changed.values():
            if booking.stands:
                self._standing[booking.booking_id] = booking
            else:
                self._standing.pop(booking.booking_id, None)
        for booking in (changed | self._paid(batch, changed.keys())).values():
            stations = {booking.station_id, booking.made.station_id}
            stations.add(left.get(booking.booking_id, booking.station_id))
            for listener in tuple(self._listeners):
                listener(booking, stations)

    def _paid(self, batch: list[Committed], told: Collection[str]) -> dict[str, Booking]:
        """Bookings of which only the deposit's payment changed, as when a part of it is given back."""
        owners = {each.state.initiated.session_pid or "" for each in batch if isinstance(each.state, Payment)}
        found = {name: self.booking(name) for name in sorted(owners) if name not in told}
        return {name: booking for name, booking in found.items() if booking is not None}
