"""Guards of bookings: whose station it is when, and where the deposit is meanwhile.

A part of the list in `guards.py`, which says what it is for.
"""

from functools import partial

from tests.simulation.guard import Guard

_Guard = partial(Guard, booked_every_s=6.0)

BOOKING_GUARDS = (
    _Guard(
        name="a station is booked once at a time",
        place="edge.core.bookings.calendar:taken",
        cut="found is not None",
        put="False",
    ),
    _Guard(
        name="a slot that was sold is not taken back",
        place="edge.core.bookings.deposits:_reopened",
        cut="facts.BookingCancelled(GIVEN_AWAY) if sold_to else facts.BookingReopened()",
        put="facts.BookingReopened()",
    ),
    _Guard(
        name="nobody plays into a booking unknowingly",
        place="edge.core.play.start:start",
        cut="in_the_way is not None and not command.despite_booking",
        put="False",
    ),
    _Guard(
        name="nobody is missed before they are late",
        place="edge.core.bookings.booking:miss",
        cut="not somebody_looked and (not now.clock_trusted or now.wall_ms < missed_ms)",
        put="False",
    ),
    _Guard(
        name="a booking is held for as long as the house holds",
        place="edge.core.bookings.booking:lapse",
        cut=" or held_ns(booking, now) > 0",
        put="",
    ),
    _Guard(
        name="a card's deposit confirms its booking or is owed",
        place="edge.core.bookings.deposits:followed",
        cut="more += _came(view, name, shift_pid)",
        put="pass",
    ),
    _Guard(
        name="a deposit that went back is told to its booking",
        place="edge.core.bookings.deposits:followed",
        cut="more += _returned(view, name, event)",
        put="pass",
    ),
    _Guard(
        name="a deposit is worth what is left of it",
        place="edge.core.bookings.deposits:worth",
        cut="money.initiated.payment_pid, money.left_minor",
        put="money.initiated.payment_pid, money.initiated.amount_minor",
    ),
    _Guard(
        name="a deposit that pays for play is not given back meanwhile",
        place="edge.core.money.payment:kept",
        cut="promised(view, payment) or ",
        put="",
    ),
    _Guard(
        name="a deposit is kept from the hour on that was agreed",
        place="edge.core.bookings.booking:cancel",
        cut="now.clock_trusted and now.wall_ms > booking.made.free_until_ms",
        put="False",
    ),
    _Guard(
        name="what is kept is counted in the shift",
        place="edge.core.bookings.deposits:kept",
        cut="counted=[counted]",
        put="counted=[]",
    ),
)
