"""Decisions about bookings: made, paid for, cancelled, missed. Moved is `move.py`, checked in `check_in.py`.

All decisions of a box are taken one after the other, so of two tablets that want one slot one is told
`slot_taken`. Deadlines are looked at again here: an hour that nobody knows, or a clock that stepped, neither
misses a booking nor lapses one.
"""

from collections.abc import Iterable

from edge.core.bookings import calendar, deposits
from edge.core.bookings.commands import (
    CancelBooking,
    LapseBooking,
    MakeBooking,
    MissBooking,
    PayDeposit,
)
from edge.core.clock import Now
from edge.core.play.station import standing
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.booking import (
    Booking,
    BookingCancelled,
    BookingConfirmed,
    BookingMade,
    BookingMissed,
    aggregate_of,
)
from protocol.facts.booking_config import BookingRules
from protocol.facts.play import NS
from protocol.facts.play_config import PlayConfig
from protocol.play import rfc3339

LAPSED = "the deposit was not paid in time"
#: A booking may begin a little before it is made: somebody is typing while the guest waits.
TYPING_MS = 5 * 60_000
_DAY_MS = 24 * calendar.HOUR_MS


def make(view: VenueView, command: MakeBooking, now: Now) -> list[Proposal] | Refusal:
    """Keep the station, and take the deposit if the guest pays it now."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    if view.booking(command.booking_id) is not None:
        return []
    play = venue.config.play
    refused = _too_long(command, play.bookings) or out_of_reach(command.starts_ms, play.bookings, now)
    if refused is not None:
        return refused
    station_id = _station(view, command, play, now)
    if isinstance(station_id, Refusal):
        return station_id
    asked_minor = deposits.asked_minor(view, station_id, command.starts_ms, command.seconds)
    made = BookingMade(
        booking_id=command.booking_id,
        station_id=station_id,
        name=command.name,
        starts_ms=command.starts_ms,
        ends_ms=command.starts_ms + command.seconds * 1000,
        currency=venue.config.currency,
        free_until_ms=command.starts_ms - play.bookings.free_cancel_hours * calendar.HOUR_MS,
        grace_s=play.bookings.grace_minutes * 60,
        hold_s=play.bookings.hold_minutes * 60,
        deposit_minor=0 if command.waived else asked_minor,
        zone=command.zone if command.station_id is None else "",
        phone=command.phone,
        note=command.note,
        party=command.party,
        user_id=command.user_id,
    )
    aggregate = aggregate_of(command.booking_id)
    first: Proposal = (aggregate, made)
    if not made.deposit_minor:
        return [first, (aggregate, BookingConfirmed())]
    if command.method is None:
        return [first]
    paid = deposits.paid(view, command, made, command.method)
    return paid if isinstance(paid, Refusal) else [first, *paid]


def _too_long(command: MakeBooking, rules: BookingRules) -> Refusal | None:
    if command.seconds <= rules.most_minutes * 60:
        return None
    return refuse("booking_too_long", detail={"most_minutes": rules.most_minutes})


def out_of_reach(starts_ms: int, rules: BookingRules, now: Now) -> Refusal | None:
    """Why nobody could book an hour: it is past or too far ahead, where the time of day is known."""
    if not now.clock_trusted:
        return None
    if starts_ms < now.wall_ms - TYPING_MS:
        return refuse("booking_past")
    if starts_ms > now.wall_ms + rules.ahead_days * _DAY_MS:
        return refuse("booking_too_far", detail={"ahead_days": rules.ahead_days})
    return None


def _station(view: VenueView, command: MakeBooking, play: PlayConfig, now: Now) -> str | Refusal:
    """The station that was asked for, or the first of the zone that is free and in service."""
    ends_ms = command.starts_ms + command.seconds * 1000
    if command.station_id is not None:
        if play.station(command.station_id) is None:
            return refuse("unknown_station")
        refused = calendar.taken(view, command.station_id, command.starts_ms, ends_ms, now)
        return refused or command.station_id
    zone = [each.id for each in play.stations if each.zone == command.zone]
    if not zone:
        return refuse("unknown_zone")
    return _first_free(view, zone, command.starts_ms, ends_ms, now) or refuse(
        "slot_taken", "Nothing in this zone is free at that time.", detail={"zone": command.zone}
    )


def _first_free(
    view: VenueView, station_ids: Iterable[str], starts_ms: int, ends_ms: int, now: Now
) -> str | None:
    serving = (each for each in station_ids if not standing(view, each).maintenance)
    free = (each for each in serving if calendar.taken(view, each, starts_ms, ends_ms, now) is None)
    return next(free, None)


def stands(view: VenueView, booking_id: str) -> Booking | Refusal:
    """A booking that still keeps its station."""
    booking = view.booking(booking_id)
    if booking is None:
        return refuse("unknown_booking")
    return booking if booking.stands else refuse("booking_over", detail={"status": booking.status})


def pay(view: VenueView, command: PayDeposit, _now: Now) -> list[Proposal] | Refusal:
    """The deposit of a booking that was held without; also after a card that failed."""
    booking = stands(view, command.booking_id)
    if isinstance(booking, Refusal):
        return booking
    if booking.status != "HELD":
        return refuse("nothing_to_pay")
    if deposits.under_way(view, booking) is not None:
        return refuse("deposit_pending", detail={"payment_id": booking.deposit_pid})
    return deposits.paid(view, command, booking.made, command.method)


def cancel(view: VenueView, command: CancelBooking, now: Now) -> list[Proposal] | Refusal:
    """Free the station; the deposit goes back, unless the house rule says that it is too late for that.

    While nobody knows the time of day it is not too late.
    """
    booking = stands(view, command.booking_id)
    if isinstance(booking, Refusal):
        return booking if booking.detail != {"status": "CANCELLED"} else []
    late = now.clock_trusted and now.wall_ms > booking.made.free_until_ms
    forfeited = late and deposits.worth(view, booking) is not None
    event = BookingCancelled(command.reason, forfeited)
    settled = (
        deposits.kept(view, booking, command.shift_pid, now)
        if forfeited
        else deposits.back(view, booking, command.refund_pid, command.shift_pid, now)
    )
    cancelled: Proposal = (aggregate_of(booking.booking_id), event)
    return [cancelled, *settled, *deposits.given_up(view, booking)]


def miss(view: VenueView, command: MissBooking, now: Now) -> list[Proposal] | Refusal:
    """Nobody came: the station is free, a deposit is the venue's. The timer is never right by itself."""
    booking = view.booking(command.booking_id)
    if booking is None:
        return refuse("unknown_booking")
    if not booking.stands:
        missed_already = booking.status == "NO_SHOW"
        return [] if missed_already else refuse("booking_over", detail={"status": booking.status})
    missed_ms = booking.made.starts_ms + booking.made.grace_s * 1000
    somebody_looked = command.by is not None and not now.clock_trusted
    if not somebody_looked and (not now.clock_trusted or now.wall_ms < missed_ms):
        return refuse("booking_not_missed", detail={"from": rfc3339(missed_ms)})
    missed: Proposal = (aggregate_of(booking.booking_id), BookingMissed())
    kept = deposits.kept(view, booking, command.shift_pid, now)
    return [missed, *kept, *deposits.given_up(view, booking)]


def lapse(view: VenueView, command: LapseBooking, now: Now) -> list[Proposal] | Refusal:
    """Held without a deposit for as long as the house holds."""
    booking = view.booking(command.booking_id)
    if booking is None or booking.status != "HELD" or held_ns(booking, now) > 0:
        return []
    event = BookingCancelled(LAPSED)
    return [(aggregate_of(booking.booking_id), event), *deposits.given_up(view, booking)]


def held_ns(booking: Booking, now: Now) -> int:
    """How much longer a booking is held without its deposit, on the clock of a boot that nobody can set.

    One that was made before this boot is held as long again at the most.
    """
    same = booking.made_at.boot == now.boot
    return booking.made.hold_s * NS - (now.mono_ns - booking.made_at.mono_ns if same else now.mono_ns)
