"""Rules of bookings: a row for each command of `bookings/commands.py`."""

from typing import Any

from edge.core.bookings import booking, check_in, commands, move
from edge.core.rule import Rule
from edge.core.view import VenueView
from protocol.facts import booking as facts


def _booking(view: VenueView, command: Any) -> str:
    return facts.aggregate_of(command.booking_id)


RULES: dict[type, Rule] = {
    commands.MakeBooking: Rule(booking.make, (facts.BookingMade,), _booking),
    commands.PayDeposit: Rule(booking.pay, (facts.DepositBegun,), _booking),
    commands.MoveBooking: Rule(move.move, (facts.BookingMoved,), _booking),
    commands.CheckInBooking: Rule(check_in.check_in, (facts.BookingCheckedIn,), _booking),
    commands.CancelBooking: Rule(booking.cancel, (facts.BookingCancelled,), _booking),
    commands.MissBooking: Rule(booking.miss, (facts.BookingMissed,), _booking),
    commands.LapseBooking: Rule(booking.lapse, (facts.BookingCancelled,), _booking),
}
