"""HTTP for bookings of stations: a day, and making, paying for, moving, checking in, ending one.

A request carries the client's own `mid`, from which the booking's id is made, so however often a tablet asks
there is one booking and its deposit is taken once. Counterpart: `edge/core/bookings/` decides.
"""

import datetime
from typing import TypeVar

import msgspec
from aiohttp import web

from edge.core.bookings import calendar
from edge.core.bookings.commands import (
    CancelBooking,
    CheckInBooking,
    MakeBooking,
    MissBooking,
    MoveBooking,
    PayDeposit,
)
from edge.journal.agenda import Agenda
from edge.journal.writer import Accepted
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.play.desk import PlayDesk, minor_of
from protocol.bookings.messages import (
    BookingDayReply,
    BookingHour,
    BookingReply,
    BookingRequest,
    CancelBookingRequest,
    CheckInRequest,
    DepositRequest,
    MissedRequest,
    MoveBookingRequest,
    booking_reply,
    rules_message,
)
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.booking import Booking, BookingMoved
from protocol.http import Route
from protocol.play import SessionReply

T = TypeVar("T")

_OVER = ("unknown_booking", "booking_over", "mid_reused")
_PAYING = ("insufficient_balance", "credit_exhausted", "method_unavailable")

DAY = Route(
    method="GET",
    path="/api/v1/bookings",
    summary="The bookings of a day (`?date=2026-11-21`; today without one), and the house rules.",
    response=BookingDayReply,
    auth="staff",
    filters=("date",),
    errors=("not_configured", "no_such_time"),
)
MAKE = Route(
    method="POST",
    path="/api/v1/bookings",
    summary="Keep a station for somebody. HELD with a `payment_id` waits for the deposit's card.",
    request=BookingRequest,
    response=BookingReply,
    status=201,
    auth="staff",
    errors=(
        "slot_taken",
        "no_such_time",
        "booking_past",
        "booking_too_far",
        "booking_too_long",
        "unknown_station",
        "unknown_zone",
        "not_configured",
        "mid_reused",
        *_PAYING,
    ),
)
BOOKING = Route(
    method="GET",
    path="/api/v1/bookings/{id}",
    summary="One booking.",
    response=BookingReply,
    auth="staff",
    errors=("unknown_booking",),
)
DEPOSIT = Route(
    method="POST",
    path="/api/v1/bookings/{id}/deposit",
    summary="Pay the deposit of a booking that is held without.",
    request=DepositRequest,
    response=BookingReply,
    auth="staff",
    errors=(*_OVER, "nothing_to_pay", "deposit_pending", *_PAYING),
)
MOVE = Route(
    method="POST",
    path="/api/v1/bookings/{id}/move",
    summary="Another station, another hour, or both; guest, length and deposit stay.",
    request=MoveBookingRequest,
    response=BookingReply,
    auth="staff",
    errors=(
        *_OVER,
        "slot_taken",
        "no_such_time",
        "booking_past",
        "booking_too_far",
        "unknown_station",
        "not_configured",
    ),
)
CHECK_IN = Route(
    method="POST",
    path="/api/v1/bookings/{id}/check_in",
    summary="The guest is here and plays; the deposit pays first. With CARD: 402 with the `payment_id`.",
    request=CheckInRequest,
    response=SessionReply,
    status=201,
    auth="staff",
    errors=(
        *_OVER,
        "deposit_pending",
        "station_booked",
        "station_busy",
        "station_in_maintenance",
        "unknown_station",
        "unknown_session",
        "table_free",
        "not_configured",
        "payment_required",
        "insufficient_balance",
        "credit_exhausted",
    ),
)
CANCEL = Route(
    method="POST",
    path="/api/v1/bookings/{id}/cancel",
    summary="It is not wanted any more; the deposit goes back while that is free, and is kept after that.",
    request=CancelBookingRequest,
    response=BookingReply,
    auth="staff",
    errors=_OVER,
)
MISSED = Route(
    method="POST",
    path="/api/v1/bookings/{id}/missed",
    summary="Nobody came: the station is free again, a deposit is the venue's.",
    request=MissedRequest,
    response=BookingReply,
    auth="staff",
    errors=(*_OVER, "booking_not_missed"),
)

_make = msgspec.json.Decoder(BookingRequest)
_deposit = msgspec.json.Decoder(DepositRequest)
_move = msgspec.json.Decoder(MoveBookingRequest)
_check_in = msgspec.json.Decoder(CheckInRequest)
_cancel = msgspec.json.Decoder(CancelBookingRequest)
_missed = msgspec.json.Decoder(MissedRequest)


class BookingDesk:
    """Handlers of the bookings' addresses. `play` answers for the session that a booking becomes."""

    def __init__(self, counter: Counter, agenda: Agenda, play: PlayDesk) -> None:
        self._counter = counter
        self._agenda = agenda
        self._play = play

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (DAY, self.day),
            (MAKE, self.make),
            (BOOKING, self.booking),
            (DEPOSIT, self.deposit),
            (MOVE, self.move),
            (CHECK_IN, self.check_in),
            (CANCEL, self.cancel),
            (MISSED, self.missed),
        ]

    async def day(self, request: web.Request) -> web.Response:
        """`GET /api/v1/bookings`."""
        self._counter.staff(request)
        config, now = self._counter.config(), self._counter.clock()
        day = _must(calendar.day_of(request.query.get("date", ""), now, config.timezone))
        starts_ms, ends_ms = calendar.span(day, config.timezone)
        one = datetime.timedelta(days=1)
        hours = calendar.hours(day, config.timezone)
        told = BookingDayReply(
            date=day.isoformat(),
            before=(day - one).isoformat(),
            after=(day + one).isoformat(),
            timezone=config.timezone,
            starts_ms=starts_ms,
            ends_ms=ends_ms,
            now_ms=now.wall_ms,
            currency=config.currency,
            hours=tuple(BookingHour(at_ms, name) for at_ms, name in hours),
            bookings=tuple(map(self._told, self._agenda.within(starts_ms, ends_ms))),
            rules=rules_message(config.play.bookings),
            held_minor=self._agenda.held_minor(),
        )
        return answer(told)

    async def make(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings`."""
        by = self._counter.by(request)
        body = await body_of(request, _make)
        starts_ms = self._instant(body.starts_at)
        booking_id = self._counter.stable_id(by, body.mid)
        command = MakeBooking(
            booking_id=booking_id,
            name=body.name.strip(),
            starts_ms=starts_ms,
            seconds=max(60, round(body.minutes * 60)),
            by=by,
            payment_pid=self._counter.new_id(),
            shift_pid=self._counter.new_id(),
            station_id=body.station_id,
            zone=body.zone,
            phone=body.phone.strip(),
            note=body.note.strip(),
            party=body.party,
            user_id=body.user_id,
            method=body.deposit_method,
            mid=body.mid,
        )
        await self._counter.do(command)
        return self._reply(booking_id, 201)

    async def booking(self, request: web.Request) -> web.Response:
        """`GET /api/v1/bookings/{id}`."""
        self._counter.staff(request)
        return self._reply(request.match_info["id"])

    async def deposit(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings/{id}/deposit`."""
        by = self._counter.by(request)
        body = await body_of(request, _deposit)
        booking_id = request.match_info["id"]
        pid, shift_pid = self._counter.new_id(), self._counter.new_id()
        command = PayDeposit(booking_id, pid, body.deposit_method, by, shift_pid, body.user_id, body.mid)
        await self._counter.do(command)
        return self._reply(booking_id)

    async def move(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings/{id}/move`."""
        by = self._counter.by(request)
        body = await body_of(request, _move)
        booking_id = request.match_info["id"]
        starts_ms = None if body.starts_at is None else self._instant(body.starts_at)
        command = MoveBooking(booking_id, by, body.station_id, starts_ms, body.mid)
        if not _went_there(await self._counter.do(command), command):
            raise Refused(refuse("mid_reused"))
        return self._reply(booking_id)

    async def check_in(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings/{id}/check_in`."""
        by = self._counter.by(request)
        body = await body_of(request, _check_in)
        amount_minor = None if body.amount is None else minor_of(self._counter.hot, body.amount)
        command = CheckInBooking(
            booking_id=request.match_info["id"],
            session_id=self._counter.new_id(),
            entitlement_id=self._counter.new_id(),
            method=body.payment_method,
            by=by,
            station_id=body.station_id,
            seconds=None if body.duration is None else max(1, round(body.duration * 60)),
            amount_minor=amount_minor,
            user_id=body.user_id,
            table_session=body.session_pid,
            mid=body.mid,
            cloud_away=self._play.cloud_away(),
            on_credit=body.on_credit,
            despite_booking=body.despite_booking,
        )
        return self._play.begun(await self._counter.do(command))

    async def cancel(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings/{id}/cancel`."""
        by = self._counter.by(request)
        body = await body_of(request, _cancel)
        booking_id = request.match_info["id"]
        reason = body.reason.strip() or "cancelled at the counter"
        pid, shift_pid = self._counter.new_id(), self._counter.new_id()
        await self._counter.do(CancelBooking(booking_id, reason, by, pid, shift_pid, body.mid))
        return self._reply(booking_id)

    async def missed(self, request: web.Request) -> web.Response:
        """`POST /api/v1/bookings/{id}/missed`."""
        by = self._counter.by(request)
        body = await body_of(request, _missed)
        booking_id = request.match_info["id"]
        await self._counter.do(MissBooking(booking_id, self._counter.new_id(), by, body.mid))
        return self._reply(booking_id)

    def _instant(self, text: str) -> int:
        """An hour as it was read off the wall. Raises `Refused`."""
        return _must(calendar.instant(text, self._counter.config().timezone))

    def _reply(self, booking_id: str, status: int = 200) -> web.Response:
        booking = self._agenda.booking(booking_id)
        if booking is None:
            raise Refused(refuse("unknown_booking"))
        return answer(self._told(booking), status)

    def _told(self, booking: Booking) -> BookingReply:
        return booking_reply(booking, self._agenda.left_minor(booking))


def _went_there(outcome: Accepted, command: MoveBooking) -> bool:
    """Whether that is what this `mid` did, perhaps earlier; what is not named is as it may be."""
    moved = next(fact.event for fact in outcome.facts if isinstance(fact.event, BookingMoved))
    return command.station_id in (None, moved.station_id) and command.starts_ms in (None, moved.starts_ms)


def _must(found: T | Refusal) -> T:
    """What was found. Raises `Refused`."""
    if isinstance(found, Refusal):
        raise Refused(found)
    return found
