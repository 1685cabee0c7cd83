"""Bookings of stations over HTTP and on staff screens: requests, answers, news.

Times are RFC 3339; in a request one without an offset is read off the venue's own wall. Hours of a day are
told as instants with their names, so that no page has to know time zones. Counterparts: `protocol/play.py`
has the stations, `edge/web/play/booking_desk.py` answers.
"""

from typing import Annotated, Any, Literal

import msgspec

from protocol.facts.booking import Booking
from protocol.facts.booking_config import BookingRules
from protocol.play import Amount, Minutes, Name, rfc3339
from protocol.table import Mid

BookingStatus = Literal["HELD", "CONFIRMED", "CHECKED_IN", "CANCELLED", "NO_SHOW"]
DepositStatus = Literal["", "due", "paid", "used", "forfeited", "owed", "returned"]
Moment = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Phone = Annotated[str, msgspec.Meta(max_length=40)]
Words = Annotated[str, msgspec.Meta(max_length=200)]
Party = Annotated[int, msgspec.Meta(ge=1, le=99)]
#: Not empty, and not blank either, whichever language's patterns look at it.
Guest = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"[^\s\x1c-\x1f\x85\ufeff]")]
DepositMethod = Literal["CASH", "CARD", "BALANCE"]
#: A code is time that was paid before; whoever has one starts with it.
CheckInMethod = Literal["CASH", "CARD", "BALANCE", "POSTPAID"]


class BookingRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings`: a station, or without one any of `zone`, once per `mid`.

    The deposit that the house asks for is paid by `deposit_method`; without one the booking is held.
    """

    mid: Mid
    name: Guest
    starts_at: Moment
    minutes: Minutes
    station_id: Name | None = None
    zone: Annotated[str, msgspec.Meta(max_length=64)] = ""
    phone: Phone = ""
    note: Words = ""
    party: Party = 1
    deposit_method: DepositMethod | None = None
    user_id: Name | None = None


class DepositRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings/{id}/deposit`: the guest pays it after all, once per `mid`."""

    mid: Mid
    deposit_method: DepositMethod
    user_id: Name | None = None


class MoveBookingRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings/{id}/move`: to another station, another hour, or both, once per `mid`.

    What is not named stays, and so do its length and its deposit.
    """

    mid: Mid
    station_id: Name | None = None
    starts_at: Moment | None = None


class CheckInRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings/{id}/check_in`: play begins, once per `mid`; the deposit pays first.

    Without a `duration` it is what was booked. `amount` is the price of all of it, the deposit counted in.
    """

    mid: Mid
    payment_method: CheckInMethod = "CASH"
    station_id: Name | None = None
    duration: Minutes | None = None
    amount: Amount | None = None
    user_id: Name | None = None
    session_pid: Name | None = None
    on_credit: bool = False
    despite_booking: bool = False


class CancelBookingRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings/{id}/cancel`."""

    mid: Mid
    reason: Words = ""


class MissedRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bookings/{id}/missed`: nobody came."""

    mid: Mid


class BookingReply(msgspec.Struct, frozen=True):
    """A booking. `deposit_minor` is what is asked for, `deposit` what became of it.

    `deposit_left_minor` is what the venue still has of it and would give back. `payment_id` names the
    payment behind it; a card under way has to be confirmed. Cancelling is free until `free_until`; the guest
    is missed at `missed_at`.
    """

    id: str
    station_id: str
    zone: str
    status: BookingStatus
    name: str
    phone: str
    note: str
    party: int
    starts_at: str
    ends_at: str
    starts_ms: int
    ends_ms: int
    currency: str
    deposit_minor: int
    deposit_left_minor: int
    deposit: DepositStatus
    deposit_method: str
    payment_id: str | None
    free_until: str
    missed_at: str
    session_id: str | None
    reason: str
    made_at: str
    made_by: str | None


class BookingHour(msgspec.Struct, frozen=True):
    """An hour of a day: when it begins, and as it stands on the venue's wall."""

    at_ms: int
    name: str


class BookingRulesMessage(msgspec.Struct, frozen=True):
    """The owner's house rules."""

    deposit_minor: int
    free_cancel_hours: int
    grace_minutes: int
    hold_minutes: int
    ahead_days: int
    most_minutes: int


class BookingDayReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/bookings?date=2026-11-21`: a day at the venue, from midnight to midnight.

    `held_minor` is what guests of all days have left here as deposits; the venue owes it until it is used.
    """

    date: str
    before: str
    after: str
    timezone: str
    starts_ms: int
    ends_ms: int
    now_ms: int
    currency: str
    hours: tuple[BookingHour, ...]
    bookings: tuple[BookingReply, ...]
    rules: BookingRulesMessage
    held_minor: int


class BookingChangedNews(msgspec.Struct, frozen=True, tag="booking:changed"):
    """A booking was made, or stands otherwise."""

    booking: BookingReply


def booking_reply(booking: Booking, deposit_left_minor: int) -> BookingReply:
    """A booking on the wire, with what the venue still has of its deposit."""
    first = booking.made
    missed_ms = first.starts_ms + first.grace_s * 1000
    status: Any = booking.status
    deposit: Any = booking.deposit
    return BookingReply(
        id=booking.booking_id,
        station_id=booking.station_id,
        zone=first.zone,
        status=status,
        name=first.name,
        phone=first.phone,
        note=first.note,
        party=first.party,
        starts_at=rfc3339(first.starts_ms) or "",
        ends_at=rfc3339(first.ends_ms) or "",
        starts_ms=first.starts_ms,
        ends_ms=first.ends_ms,
        currency=first.currency,
        deposit_minor=first.deposit_minor,
        deposit_left_minor=deposit_left_minor,
        deposit=deposit,
        deposit_method=booking.deposit_method,
        payment_id=booking.deposit_pid,
        free_until=rfc3339(first.free_until_ms) or "",
        missed_at=rfc3339(missed_ms) or "",
        session_id=booking.session_id,
        reason=booking.reason,
        made_at=rfc3339(booking.made_at.wall_ms) or "",
        made_by=booking.made_by,
    )


def rules_message(rules: BookingRules) -> BookingRulesMessage:
    """The house rules on the wire."""
    return BookingRulesMessage(**msgspec.structs.asdict(rules))
