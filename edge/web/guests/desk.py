"""HTTP for guests: join a table, read menu and cart, give the pass word (contract.md, Guests).

Counterpart: `ordering.py` takes orders.
"""

import hashlib
import secrets
from collections.abc import Callable

import msgspec
from aiohttp import web

from edge.core.clock import Now
from edge.core.commands import JoinTable, ValidatePass
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.guests.offer import offer
from edge.web.guests.presence import Presence
from edge.web.guests.snapshots import snapshot
from edge.web.throttle import Throttle
from edge.web.tokens import Guest, Tokens
from protocol.cart_snapshot import CartSnapshot
from protocol.codec import encode
from protocol.errors import Refused, refuse
from protocol.facts.table import MemberJoined, TableSession
from protocol.http import Route
from protocol.identity import pass_word_digest, token_digest, uuid7
from protocol.menu_message import MenuMessage, menu_message
from protocol.table import (
    JoinReply,
    JoinRequest,
    PassReply,
    PassRequest,
)

JOIN = Route(
    method="POST",
    path="/session/join",
    summary="Sit down at a table; the first to join is host. With an old token, the same member again.",
    request=JoinRequest,
    response=JoinReply,
    errors=("unknown_table", "not_configured", "rate_limited"),
)
MENU = Route(
    method="GET",
    path="/menu",
    summary="Categories, items, modifiers, prices in minor units, what is sold out. Has an ETag.",
    response=MenuMessage,
    errors=("not_configured",),
)
SNAPSHOT = Route(
    method="GET",
    path="/cart_snapshot",
    summary="Everything about a table, for a phone that has just arrived or reloaded.",
    response=CartSnapshot,
    query=("session_pid",),
    auth="guest",
    errors=("unknown_session", "session_closed", "not_authorised"),
)
VALIDATE = Route(
    method="POST",
    path="/session/validate_pass",
    summary="Give the venue's pass word, once a table.",
    request=PassRequest,
    response=PassReply,
    auth="guest",
    errors=("wrong_pass", "rate_limited", "unknown_session", "session_closed", "not_authorised"),
)
_join = msgspec.json.Decoder(JoinRequest)
_pass = msgspec.json.Decoder(PassRequest)


class Guests:
    """Handlers of the guest's HTTP addresses."""

    def __init__(
        self, writer: Writer, hot: Hot, tokens: Tokens, presence: Presence, clock: Callable[[], Now]
    ) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._presence = presence
        self._clock = clock
        self._pass_words = Throttle(5, 60.0, lambda: clock().mono_ns / 1e9)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (JOIN, self.join),
            (MENU, self.menu),
            (SNAPSHOT, self.cart_snapshot),
            (VALIDATE, self.validate_pass),
        ]

    async def join(self, request: web.Request) -> web.Response:
        """`POST /session/join`."""
        body = await body_of(request, _join)
        name = body.name.strip()
        if not name:
            raise Refused(refuse("invalid", "Please tell the table your name."))
        seat = self._tokens.returning(request, body.table)
        if seat is None:
            seat = await self._seat(body, name)
        return answer(self._joined(seat))

    async def _seat(self, body: JoinRequest, name: str) -> Guest:
        member_pid = self._new_id()
        digest = token_digest(self._tokens.guest_token(member_pid))
        command = JoinTable(body.table, name, self._new_id(), member_pid, digest, body.mid)
        outcome = accepted(await self._writer.execute(command))
        fact = next(fact for fact in outcome.facts if isinstance(fact.event, MemberJoined))
        session = self._hot.committed(fact.aggregate)
        assert isinstance(session, TableSession)
        assert isinstance(fact.event, MemberJoined)
        return Guest(session, session.members[fact.event.member_pid])

    def _new_id(self) -> str:
        return uuid7(self._clock().wall_ms, secrets.token_bytes(10))

    def _joined(self, seat: Guest) -> JoinReply:
        venue = self._hot.committed_venue()
        return JoinReply(
            session_pid=seat.session.session_pid,
            member_pid=seat.member.member_pid,
            ws_token=self._tokens.guest_token(seat.member.member_pid),
            host=seat.member.host,
            name=seat.member.name,
            table_name=seat.session.table_name,
            venue_name=venue.config.name if venue else "",
        )

    async def menu(self, request: web.Request) -> web.Response:
        """`GET /menu`."""
        book, venue = self._hot.committed_menu(), self._hot.committed_venue()
        if book is None or venue is None:
            raise Refused(refuse("not_configured"))
        body = encode(menu_message(book, offer(self._hot, book, self._clock()), venue.config))
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def cart_snapshot(self, request: web.Request) -> web.Response:
        """`GET /cart_snapshot?session_pid=S`."""
        seat = self._tokens.guest(request, session_pid_of(request))
        self._presence.seen(seat.member.member_pid)
        return answer(snapshot(self._hot, seat.session, self._clock()), headers={"Cache-Control": "no-store"})

    async def validate_pass(self, request: web.Request) -> web.Response:
        """`POST /session/validate_pass`."""
        body = await body_of(request, _pass)
        seat = self._tokens.guest(request, body.session_pid)
        venue = self._hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        self._pass_words.check(body.session_pid)
        digest = pass_word_digest(venue.config.restaurant_id, body.word)
        command = ValidatePass(body.session_pid, seat.member.member_pid, digest)
        outcome = await self._writer.execute(command)
        if not isinstance(outcome, Accepted) and outcome.code == "wrong_pass":
            self._pass_words.failed(body.session_pid)
        accepted(outcome)
        self._pass_words.succeeded(body.session_pid)
        return answer(PassReply(ok=True))


def session_pid_of(request: web.Request, name: str = "session_pid") -> str:
    """The table session named in the query. Raises `Refused`."""
    session_pid = request.query.get(name, "")
    if not 0 < len(session_pid) <= 64:
        raise Refused(refuse("invalid", f"Say which table session: ?{name}=…"))
    return session_pid
