"""Asks for what is due for bookings, and tells the staff when a booked station is still taken.

Everything follows from bookings that stand and from who plays, so after a restart nothing has to be
remembered but the bookings. The wall clock may be set at any moment and nobody tells of it; so it is looked
at every few seconds while anything is booked.

Rule of the file: it asks the writer, and the decision looks at the clock again. Counterpart:
`edge/core/bookings/waiting.py` knows what is due.
"""

import asyncio
import contextlib
from collections.abc import Callable

from edge.core.bookings.commands import LapseBooking, MissBooking
from edge.core.bookings.waiting import Due, Waiting
from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.local_time import local
from edge.effects.alarms import Alarm, Alarms
from edge.journal.agenda import Agenda
from edge.journal.floor import Floor
from edge.journal.writer import Outcome, Writer
from protocol.facts.booking import Booking
from protocol.facts.play import NS, PlaySession

#: Longest time until a clock that was set is noticed.
LOOK_S = 10.0
#: What was asked for and is not done is asked for again after this.
AGAIN_S = 1.0


class BookingTimers:
    """Made before the writer runs; then `run`. `timezone` is the venue's."""

    def __init__(
        self,
        agenda: Agenda,
        floor: Floor,
        writer: Writer,
        clock: Callable[[], Now],
        alarms: Alarms,
        timezone: Callable[[], str],
    ) -> None:
        self._agenda = agenda
        self._floor = floor
        self._writer = writer
        self._clock = clock
        self._alarms = alarms
        self._timezone = timezone
        self._waiting = Waiting()
        self._up: set[str] = set()
        self._changed = asyncio.Event()
        agenda.listen(lambda _booking, _stations: self._changed.set())
        floor.listen(stations=lambda _station: self._changed.set())

    async def run(self) -> None:
        """Look, and look again when something is due or has changed, until cancelled."""
        while True:
            wait_s = self._act()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            self._changed.clear()

    def _act(self) -> float | None:
        """Ask for what is due now; seconds until it is looked at again, None while nothing is booked."""
        due = self._waiting.look(self._agenda.standing(), self._clock())
        for booking in due.lapsed:
            self._ask(LapseBooking(booking.booking_id))
        for booking in due.missed:
            self._ask(MissBooking(booking.booking_id, f"missed-{booking.booking_id}"[:64]))
        self._warn(due)
        if due.again_s is None:
            return None
        asked = bool(due.lapsed or due.missed)
        return AGAIN_S if asked else min(LOOK_S, max(due.again_s, 0.01))

    def _ask(self, command: Command) -> None:
        self._writer.submit(command, _ignore)

    def _warn(self, due: Due) -> None:
        """One alarm a booking whose station will not be free when its guest comes."""
        blocked = {}
        for booking in due.soon:
            session = self._floor.session_at(booking.station_id)
            if session is not None and self._plays_on(session, booking):
                blocked[_key(booking)] = booking
        for key in self._up - blocked.keys():
            self._alarms.clear(key)
        for key, booking in blocked.items():
            self._alarms.raise_(self._alarm(key, booking))
        self._up = set(blocked)

    def _plays_on(self, session: PlaySession, booking: Booking) -> bool:
        """Whether a session goes on when the booking begins; one without an end does."""
        if session.status != "ACTIVE" or session.ordered.entitlement.method == "POSTPAID":
            return True
        now = self._clock()
        ends_ms = now.wall_ms + session.left_ns(now.boot, now.mono_ns) * 1000 // NS
        return ends_ms > max(booking.made.starts_ms, now.wall_ms)

    def _alarm(self, key: str, booking: Booking) -> Alarm:
        station = self._floor.station(booking.station_id)
        name = station.name if station else booking.station_id
        at = f"{local(booking.made.starts_ms, self._timezone()):%H:%M}"
        words = f"{name} is booked from {at} for {booking.made.name}, and somebody still plays there."
        detail = {"station_id": booking.station_id, "booking_id": booking.booking_id}
        return Alarm(key, "booking_blocked", words, self._clock().wall_ms, detail)


def _key(booking: Booking) -> str:
    """One that moved is another thing to look after, so its alarm is another one and the old one ends."""
    return f"booking:{booking.booking_id}:{booking.station_id}:{booking.made.starts_ms}"


def _ignore(_outcome: Outcome) -> None:
    """What was refused or could not be written is found due again at the next look."""
