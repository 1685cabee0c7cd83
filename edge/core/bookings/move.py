"""A booking moves: another station, another hour, or both. Guest, length and deposit stay as they are.

Whether cancelling is free goes on being judged by the hour that was agreed on first. Were it judged by the
new one, who may not cancel any more would move to next week and cancel then, so the house rule would bind
nobody. It is never free once the guest is waited for: an hour that is earlier than the old limit ends it.
A booking that is held is held no longer for having moved.

Where it is already, it is moved all the same: a request that leaves no fact is not remembered, and when it
came again it would undo what a colleague did meanwhile.
"""

from edge.core.bookings import booking as bookings
from edge.core.bookings import calendar
from edge.core.bookings.commands import MoveBooking
from edge.core.clock import Now
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.booking import Booking, BookingMoved, aggregate_of


def move(view: VenueView, command: MoveBooking, now: Now) -> list[Proposal] | Refusal:
    """Give it the other slot and let go of its own, in one fact."""
    booking = _may_move(view, command.booking_id)
    if isinstance(booking, Refusal):
        return booking
    agreed = booking.made
    station_id = command.station_id or agreed.station_id
    starts_ms = agreed.starts_ms if command.starts_ms is None else command.starts_ms
    ends_ms = agreed.ends_ms + starts_ms - agreed.starts_ms
    moved = BookingMoved(station_id, starts_ms, ends_ms, min(agreed.free_until_ms, starts_ms))
    if (station_id, starts_ms) == (agreed.station_id, agreed.starts_ms):
        return [(aggregate_of(booking.booking_id), moved)]
    return _no_slot(view, booking, moved, now) or [(aggregate_of(booking.booking_id), moved)]


def _may_move(view: VenueView, booking_id: str) -> Booking | Refusal:
    booking = view.booking(booking_id)
    if booking is not None and booking.status == "CHECKED_IN":
        words = "The guest plays already; move the session instead."
        return refuse("booking_over", words, detail={"status": booking.status})
    return bookings.stands(view, booking_id)


def _no_slot(view: VenueView, booking: Booking, moved: BookingMoved, now: Now) -> Refusal | None:
    """Why it cannot go there. An hour that stays may have begun: the guest is late, or a seat is better."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    play = venue.config.play
    if play.station(moved.station_id) is None:
        return refuse("unknown_station")
    stays = moved.starts_ms == booking.made.starts_ms
    far = None if stays else bookings.out_of_reach(moved.starts_ms, play.bookings, now)
    return far or calendar.taken(
        view, moved.station_id, moved.starts_ms, moved.ends_ms, now, booking.booking_id
    )
