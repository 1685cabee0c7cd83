"""HTTP for play sessions: start, extend, stop, pause, move, and confirming a card (contract.md, seed 003).

Answers are made from what is on disk after the commit. Ids are made here, so that decisions stay pure.
"""

import secrets
from collections.abc import Callable
from decimal import Decimal

import msgspec
from aiohttp import web

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.play.commands import (
    ConfirmPlayPayment,
    ExtendPlay,
    MovePlay,
    PausePlay,
    ResumePlay,
    StartPlay,
    StopPlay,
)
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.money.online_payments import OnlinePayments
from edge.web.play.messages import FloorTeller
from edge.web.tokens import Tokens
from protocol.errors import Refused, refuse
from protocol.facts.payment import Payment
from protocol.facts.play_events import PlayBegun, PlayOrdered, TimeOffered
from protocol.http import Route
from protocol.identity import uuid7
from protocol.money import BadAmount, from_major
from protocol.play import (
    ExtendRequest,
    MoveRequest,
    PauseRequest,
    PaymentReply,
    SessionReply,
    SessionsReply,
    StartRequest,
)

#: Roles that may take money for play time.
COUNTER = ("manager", "waiter")
_UNKNOWN = ("unknown_play_session",)
_PAYING = ("payment_required", "insufficient_balance", "credit_exhausted", "mid_reused")

START = Route(
    method="POST",
    path="/api/v1/sessions/start",
    summary="Sell time on a station and begin. With CARD: 402 with the `payment_id` to confirm.",
    request=StartRequest,
    response=SessionReply,
    status=201,
    auth="staff",
    errors=(
        "unknown_station",
        "station_busy",
        "station_booked",
        "station_in_maintenance",
        "unknown_code",
        "unknown_session",
        "table_free",
        "code_used",
        "not_configured",
        *_PAYING,
    ),
)
SESSIONS = Route(
    method="GET",
    path="/api/v1/sessions",
    summary="Sessions that run, and those that ended last; one whose card is not there yet has not begun.",
    response=SessionsReply,
    auth="staff",
)
SESSION = Route(
    method="GET",
    path="/api/v1/sessions/{id}",
    summary="One play session.",
    response=SessionReply,
    auth="staff",
    errors=_UNKNOWN,
)
EXTEND = Route(
    method="PUT",
    path="/api/v1/sessions/{id}/extend",
    summary="Add time to a session that runs; each extension counts once.",
    request=ExtendRequest,
    response=SessionReply,
    auth="staff",
    errors=(*_UNKNOWN, "session_not_active", "station_booked", "not_configured", *_PAYING),
)
STOP = Route(
    method="DELETE",
    path="/api/v1/sessions/{id}",
    summary="End a session now.",
    response=SessionReply,
    auth="staff",
    errors=(*_UNKNOWN, "session_ended"),
)
PAUSE = Route(
    method="POST",
    path="/api/v1/sessions/{id}/pause",
    summary="Let time stand still.",
    request=PauseRequest,
    response=SessionReply,
    auth="staff",
    errors=(*_UNKNOWN, "session_ended", "session_not_active"),
)
RESUME = Route(
    method="POST",
    path="/api/v1/sessions/{id}/resume",
    summary="Let time run on.",
    response=SessionReply,
    auth="staff",
    errors=(*_UNKNOWN, "session_ended", "session_not_active"),
)
MOVE = Route(
    method="POST",
    path="/api/v1/sessions/{id}/move",
    summary="Go on at another station.",
    request=MoveRequest,
    response=SessionReply,
    auth="staff",
    errors=(
        *_UNKNOWN,
        "session_ended",
        "session_not_active",
        "unknown_station",
        "station_busy",
        "station_booked",
        "station_in_maintenance",
    ),
)
CONFIRM = Route(
    method="POST",
    path="/api/v1/payments/{id}/confirm",
    summary="The card payment is there; what it was for begins.",
    response=PaymentReply,
    auth="staff",
    errors=("unknown_payment", "payment_required", "payment_online"),
)

_start = msgspec.json.Decoder(StartRequest)
_extend = msgspec.json.Decoder(ExtendRequest)
_pause = msgspec.json.Decoder(PauseRequest)
_move = msgspec.json.Decoder(MoveRequest)


def minor_of(hot: Hot, amount: float) -> int:
    """Minor units of an amount at the counter. Raises `Refused`.

    Tills written in JavaScript say 0.30000000000000004; what is left beyond nine places is their noise.
    """
    venue = hot.committed_venue()
    if venue is None:
        raise Refused(refuse("not_configured"))
    try:
        minor = from_major(round(Decimal(repr(amount)), 9), venue.config.currency)
    except BadAmount as error:
        raise Refused(refuse("invalid", f"{error}.")) from error
    if amount and not minor:
        raise Refused(refuse("invalid", f"{amount} is less than can be paid."))
    return minor


class PlayDesk:
    """Handlers of the play sessions' addresses."""

    def __init__(
        self,
        writer: Writer,
        hot: Hot,
        tokens: Tokens,
        clock: Callable[[], Now],
        floor: Floor,
        teller: FloorTeller,
    ) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._clock = clock
        self._floor = floor
        self._teller = teller
        #: Whether the cloud cannot be reached now.
        self.cloud_away: Callable[[], bool] = lambda: False
        #: Asks the provider about what is paid online, where that can be done.
        self.online: OnlinePayments | None = None

    def reaches(self, online: OnlinePayments, cloud_away: Callable[[], bool]) -> None:
        """What there is beyond the venue: card money, and whether the cloud cannot be reached now."""
        self.online, self.cloud_away = online, cloud_away

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (START, self.start),
            (SESSIONS, self.sessions),
            (SESSION, self.session),
            (EXTEND, self.extend),
            (STOP, self.stop),
            (PAUSE, self.pause),
            (RESUME, self.resume),
            (MOVE, self.move),
            (CONFIRM, self.confirm),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """`POST /api/v1/sessions/start`."""
        by = self._by(request)
        body = await body_of(request, _start)
        command = StartPlay(
            session_id=self._new_id(),
            entitlement_id=self._new_id(),
            station_id=body.station_id,
            seconds=None if body.duration is None else max(1, round(body.duration * 60)),
            method=body.payment_method,
            amount_minor=None if body.amount is None else minor_of(self._hot, body.amount),
            by=by,
            user_id=body.user_id,
            code=body.code.strip().upper() if body.code else None,
            table_session=body.session_pid,
            mid=body.mid,
            cloud_away=self.cloud_away(),
            on_credit=body.on_credit,
            despite_booking=body.despite_booking,
        )
        return self.begun(accepted(await self._writer.execute(command)))

    def begun(self, outcome: Accepted) -> web.Response:
        """The session that a start or a check-in made. Raises `Refused` where a card has to pay first."""
        events = [fact.event for fact in outcome.facts]
        ordered = next(event for event in events if isinstance(event, PlayOrdered))
        if not any(isinstance(event, PlayBegun) for event in events):
            self._ask_for_card(ordered.entitlement.id, ordered.session_id)
        return answer(self._reply(ordered.session_id), 201)

    def _ask_for_card(self, payment_id: str, session_id: str) -> None:
        """Seed 003 §6: the till shows the payment and confirms it. A repeat after that finds it granted."""
        session = self._floor.session(session_id)
        if session is None or payment_id not in session.granted:
            detail = {"payment_id": payment_id, "session_id": session_id, "status": "PENDING"}
            raise Refused(refuse("payment_required", "Confirm the card payment first.", detail=detail))

    async def sessions(self, request: web.Request) -> web.Response:
        """`GET /api/v1/sessions`."""
        self._tokens.staff(request)
        found = (*self._floor.live(), *self._floor.ended())
        begun = (each for each in found if each.begun_ms is not None)
        return answer(SessionsReply(tuple(map(self._teller.session, begun))))

    async def session(self, request: web.Request) -> web.Response:
        """`GET /api/v1/sessions/{id}`."""
        self._tokens.staff(request)
        return answer(self._reply(request.match_info["id"]))

    async def extend(self, request: web.Request) -> web.Response:
        """`PUT /api/v1/sessions/{id}/extend`."""
        by = self._by(request)
        body = await body_of(request, _extend)
        session_id = request.match_info["id"]
        command = ExtendPlay(
            session_id=session_id,
            entitlement_id=self._new_id(),
            seconds=max(1, round(body.additional_minutes * 60)),
            by=by,
            method=body.payment_method,
            amount_minor=None if body.amount is None else minor_of(self._hot, body.amount),
            mid=body.mid,
            cloud_away=self.cloud_away(),
            on_credit=body.on_credit,
            despite_booking=body.despite_booking,
        )
        outcome = accepted(await self._writer.execute(command))
        for fact in outcome.facts:
            if isinstance(fact.event, TimeOffered):
                self._ask_for_card(fact.event.entitlement.id, session_id)
        return answer(self._reply(session_id))

    async def stop(self, request: web.Request) -> web.Response:
        """`DELETE /api/v1/sessions/{id}`."""
        session_id, by = request.match_info["id"], self._by(request)
        session = self._floor.session(session_id)
        waits_for = self._floor.waits_for(session) if session and session.status == "AWAITING" else None
        home = f"{request.scheme}://{request.host}/"
        if waits_for is not None and await self._called_off(waits_for, by, home):
            return answer(self._reply(session_id))
        return await self._done(session_id, StopPlay(session_id, "stopped by staff", by))

    async def _called_off(self, payment_id: str, by: str, home: str) -> bool:
        """Whether the provider closed the page, or somebody was quicker and paid: then play has begun."""
        payment = self._hot.committed(f"payment:{payment_id}")
        if self.online is None or not isinstance(payment, Payment) or not payment.provider:
            return False
        try:
            told = await self.online.cancel(payment_id, home, by)
        except Refused:
            return False
        return told.status in ("COMPLETED", "FAILED")

    async def pause(self, request: web.Request) -> web.Response:
        """`POST /api/v1/sessions/{id}/pause`."""
        by = self._by(request)
        body = await body_of(request, _pause)
        session_id = request.match_info["id"]
        return await self._done(session_id, PausePlay(session_id, body.reason or "paused by staff", by))

    async def resume(self, request: web.Request) -> web.Response:
        """`POST /api/v1/sessions/{id}/resume`."""
        session_id = request.match_info["id"]
        return await self._done(session_id, ResumePlay(session_id, self._by(request)))

    async def move(self, request: web.Request) -> web.Response:
        """`POST /api/v1/sessions/{id}/move`."""
        by = self._by(request)
        body = await body_of(request, _move)
        session_id = request.match_info["id"]
        return await self._done(
            session_id, MovePlay(session_id, body.station_id, by, None, body.despite_booking)
        )

    async def confirm(self, request: web.Request) -> web.Response:
        """`POST /api/v1/payments/{id}/confirm`."""
        by = self._by(request)
        payment_id = request.match_info["id"]
        session_id = self._floor.paid_for(payment_id)
        if session_id is None:
            raise Refused(refuse("unknown_payment"))
        if not await self._paid_online(payment_id, by, f"{request.scheme}://{request.host}/"):
            accepted(await self._writer.execute(ConfirmPlayPayment(session_id, payment_id, by)))
        session = self._floor.session(session_id)
        assert session is not None  # it has just taken the payment
        paid = session.granted.get(payment_id)
        owed_minor = session.refunds.get(payment_id, 0)
        told = self._teller.session(session)
        if paid is None:
            return answer(PaymentReply(payment_id, "REFUND_OWED", owed_minor, told))
        return answer(PaymentReply(payment_id, "COMPLETED", paid.amount_minor, told))

    async def _paid_online(self, payment_id: str, by: str, home: str) -> bool:
        """Whether it goes online, and then is paid: the provider is asked (seed 003 §6). Raises `Refused`."""
        payment = self._hot.committed(f"payment:{payment_id}")
        if self.online is None or not isinstance(payment, Payment) or not payment.provider:
            return False
        told = await self.online.look(payment_id, home, by)
        if told.status not in ("COMPLETED", "REFUNDED"):
            detail = {"payment_id": payment_id, "status": told.status, "decline_code": told.code}
            raise Refused(refuse("payment_required", told.reason or None, detail=detail))
        return True

    async def _done(self, session_id: str, command: Command) -> web.Response:
        accepted(await self._writer.execute(command))
        return answer(self._reply(session_id))

    def _reply(self, session_id: str) -> SessionReply:
        session = self._floor.session(session_id)
        if session is None:
            raise Refused(refuse("unknown_play_session"))
        return self._teller.session(session)

    def _by(self, request: web.Request) -> str:
        return f"staff:{self._tokens.staff(request, *COUNTER).user}"

    def _new_id(self) -> str:
        return uuid7(self._clock().wall_ms, secrets.token_bytes(10))
