"""The guest of a booking has come: the booking ends and a play session begins, in one transaction.

It is the usual beginning of play with a deposit that pays first, so everything that holds for a start holds
here: one session a station, prices, cards that come later. A card that never comes opens the booking again.
"""

from edge.core.bookings import booking as bookings
from edge.core.bookings import deposits
from edge.core.bookings.commands import CheckInBooking
from edge.core.clock import Now
from edge.core.play import start
from edge.core.play.commands import StartPlay
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.booking import Booking, BookingCheckedIn, aggregate_of
from protocol.facts.play_events import PlayOrdered


def check_in(view: VenueView, command: CheckInBooking, now: Now) -> list[Proposal] | Refusal:
    """Begin what was booked, for as long as it was booked unless something else is said."""
    booking = bookings.stands(view, command.booking_id)
    if isinstance(booking, Refusal):
        return booking
    if deposits.under_way(view, booking) is not None:
        return refuse("deposit_pending", detail={"payment_id": booking.deposit_pid})
    begun = start.start(view, _start(view, booking, command), now)
    if isinstance(begun, Refusal):
        return begun
    if booking.deposit == "due" and any(_waits(each) for _, each in begun):
        words = "The deposit is not paid yet; take it first, or take cash for the whole time."
        return refuse("deposit_pending", words, detail={"payment_id": booking.deposit_pid})
    station_id = command.station_id or booking.station_id
    event = BookingCheckedIn(command.session_id, station_id)
    return [(aggregate_of(booking.booking_id), event), *begun]


def _waits(event: object) -> bool:
    """A card has to come for it: should it not, a booking that is held would stand without its deposit."""
    return isinstance(event, PlayOrdered) and event.entitlement.method == "CARD"


def _start(view: VenueView, booking: Booking, command: CheckInBooking) -> StartPlay:
    booked_s = (booking.made.ends_ms - booking.made.starts_ms) // 1000
    on_account = command.method == "POSTPAID"
    return StartPlay(
        session_id=command.session_id,
        entitlement_id=command.entitlement_id,
        station_id=command.station_id or booking.station_id,
        seconds=command.seconds or (None if on_account else booked_s),
        method=command.method,
        amount_minor=command.amount_minor,
        by=command.by,
        user_id=command.user_id or booking.made.user_id,
        table_session=command.table_session,
        cloud_away=command.cloud_away,
        on_credit=command.on_credit,
        despite_booking=command.despite_booking,
        booking_id=booking.booking_id,
        deposit=deposits.worth(view, booking),
    )
