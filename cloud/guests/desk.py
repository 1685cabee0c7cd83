"""`/v/{venue_id}/…`: a guest's phone that has lost the venue's Wi-Fi goes on by way of the cloud.

Nothing is decided here. What a guest asks becomes an instruction in the venue's down stream, under the very
`mid`s that the phone uses on the venue's network, and the box decides; so whatever path a request took, and
however often, it takes effect once. An order that reaches the box only after an outage is held there for
the staff.

The answer is 202 and an id; `GET /v/{venue_id}/outcomes/{id}` tells what has become of it. Whoever has the
id may ask. Counterparts: `protocol/instruction.py`, `edge/effects/afar/errands.py`.
"""

import base64
import hashlib
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.guests.outcomes import outcomes_of
from cloud.store import venues
from cloud.store.link import instructions
from cloud.store.link.instructions import Reused
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.far_table import FarOutcome
from protocol.http import Route
from protocol.identity import pass_word_digest, token_digest
from protocol.instruction import Ask, GuestJoin, GuestLine, GuestOrder, GuestSeat, Instruction
from protocol.table import Mid, Name, Pid
from protocol.whereabouts import Gps

#: Nobody waits longer to be let in, or for food that may be cold by then.
JOIN_TTL_MS = 5 * 60_000
ORDER_TTL_MS = 30 * 60_000

_Words = Annotated[str, msgspec.Meta(max_length=280)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class FarJoin(msgspec.Struct, frozen=True):
    """Sit down at a table; `word` is the pass word, for whoever comes first.

    The same `mid` is the same seat. The seat's token is drawn from it, so it has to be long and nobody
    else's.
    """

    table: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    name: Name
    mid: Annotated[str, msgspec.Meta(min_length=32, max_length=64)]
    word: _Word | None = None


class FarSeat(msgspec.Struct, frozen=True):
    """A seat that is there once the outcome is DONE; its `result` names the table session."""

    command_id: str
    member_pid: str
    ws_token: str


class FarOrderRequest(msgspec.Struct, frozen=True):
    """Order by way of the cloud what may have been ordered on the venue's network as well.

    `lines` are put into the cart first, each under its own `mid`; `mid` is the order's. `gps` is for venues
    that want to know where a phone is.
    """

    session_pid: Pid
    member_pid: Pid
    mid: Mid
    lines: Annotated[tuple[GuestLine, ...], msgspec.Meta(max_length=60)] = ()
    cart_hash: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    special_instructions: _Words = ""
    gps: Gps | None = None


class FarFirstOrder(msgspec.Struct, frozen=True):
    """Sit down and order in one, at a venue that cannot be asked first: both come about, or neither."""

    seat: FarJoin
    mid: Mid
    lines: Annotated[tuple[GuestLine, ...], msgspec.Meta(min_length=1, max_length=60)]
    special_instructions: _Words = ""
    gps: Gps | None = None


class FarFirstSent(msgspec.Struct, frozen=True):
    """Ask for the outcome under `command_id`; the seat is there once it is DONE, as its `result` says."""

    command_id: str
    seat: FarSeat


class OnItsWay(msgspec.Struct, frozen=True):
    """Ask for the outcome under this id."""

    command_id: str


JOIN = Route(
    method="POST",
    path="/v/{venue_id}/session/join",
    summary="Sit down at a table from outside the venue's network.",
    request=FarJoin,
    response=FarSeat,
    status=202,
    errors=("unknown_venue", "rate_limited", "mid_reused"),
)
ORDER = Route(
    method="POST",
    path="/v/{venue_id}/orders",
    summary="Order from outside the venue's network, under the same `mid`s as inside it.",
    request=FarOrderRequest,
    response=OnItsWay,
    status=202,
    auth="guest",
    errors=("unknown_venue", "unauthenticated", "rate_limited", "mid_reused"),
)
FIRST = Route(
    method="POST",
    path="/v/{venue_id}/session/order",
    summary="Sit down and order in one: an order that waits, with the guest, until the venue is reached.",
    request=FarFirstOrder,
    response=FarFirstSent,
    status=202,
    errors=("unknown_venue", "rate_limited", "mid_reused"),
)
OUTCOME = Route(
    method="GET",
    path="/v/{venue_id}/outcomes/{command_id}",
    summary="What has become of a request.",
    response=FarOutcome,
    errors=("unknown_venue", "unknown_command", "rate_limited"),
)

_join = msgspec.json.Decoder(FarJoin)
_order = msgspec.json.Decoder(FarOrderRequest)
_first = msgspec.json.Decoder(FarFirstOrder)


class GuestDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(JOIN, self.join), (ORDER, self.order), (FIRST, self.first), (OUTCOME, self.outcome)]

    async def join(self, request: web.Request) -> web.Response:
        """`POST /v/{venue_id}/session/join`."""
        venue = await self._venue(request, limits.GUESTS_BY_ADDRESS)
        body = await body_of(request, _join)
        seat = await self._seated(venue, body)
        ask = GuestJoin(
            table_code=body.table,
            name=body.name.strip(),
            session_pid=_session(venue.venue_id, body),
            member_pid=seat.member_pid,
            token_digest=token_digest(seat.ws_token),
            word_digest=_digest(venue, body),
        )
        await self._send(venue.venue_id, seat.command_id, ask, JOIN_TTL_MS)
        return answer(seat, 202)

    async def order(self, request: web.Request) -> web.Response:
        """`POST /v/{venue_id}/orders`."""
        token = _bearer(request)
        venue = await self._venue(request, limits.GUESTS_BY_ADDRESS)
        body = await body_of(request, _order)
        ask = GuestOrder(
            session_pid=body.session_pid,
            member_pid=body.member_pid,
            token_digest=token_digest(token),
            mid=body.mid,
            lines=body.lines,
            cart_hash=body.cart_hash,
            special_instructions=body.special_instructions,
            gps=body.gps,
        )
        # Of the token too: a stranger who guesses a mid gets an id of his own.
        command_id = _named("order", venue.venue_id, body.session_pid, body.mid, token_digest(token))
        await self._send(venue.venue_id, command_id, ask, ORDER_TTL_MS)
        return answer(OnItsWay(command_id), 202)

    async def first(self, request: web.Request) -> web.Response:
        """`POST /v/{venue_id}/session/order`."""
        venue = await self._venue(request, limits.GUESTS_BY_ADDRESS)
        body = await body_of(request, _first)
        seat = await self._seated(venue, body.seat)
        digest, session_pid = token_digest(seat.ws_token), _session(venue.venue_id, body.seat)
        ask = GuestOrder(
            session_pid=session_pid,
            member_pid=seat.member_pid,
            token_digest=digest,
            mid=body.mid,
            lines=body.lines,
            special_instructions=body.special_instructions,
            gps=body.gps,
            seat=GuestSeat(
                seat.command_id, body.seat.table, body.seat.name.strip(), _digest(venue, body.seat)
            ),
        )
        command_id = _named("order", venue.venue_id, session_pid, body.mid, digest)
        await self._send(venue.venue_id, command_id, ask, ORDER_TTL_MS)
        return answer(FarFirstSent(command_id, seat), 202)

    async def outcome(self, request: web.Request) -> web.Response:
        """`GET /v/{venue_id}/outcomes/{command_id}`."""
        venue = await self._venue(request, limits.LOOKS_BY_ADDRESS)
        command_id = request.match_info["command_id"]
        if "\0" in command_id:
            raise Refused(refuse("unknown_command"))
        async with self._pool.acquire() as connection:
            found = await outcomes_of(connection, venue.venue_id, [command_id])
        if command_id not in found:
            raise Refused(refuse("unknown_command"))
        return answer(found[command_id])

    async def _seated(self, venue: venues.Venue, body: FarJoin) -> FarSeat:
        """Where they will sit. Raises `Refused`."""
        await limits.check(self._pool, limits.JOINS_BY_VENUE, venue.venue_id)
        if not body.name.strip():
            raise Refused(refuse("invalid", "Please tell the table your name."))
        return _seat(venue.venue_id, body)

    async def _venue(self, request: web.Request, limit: limits.Limit) -> venues.Venue:
        return await venue_of(self._config, self._pool, request, limit)

    async def _send(self, venue_id: str, command_id: str, ask: Ask, ttl_ms: int) -> None:
        """On its way, once; the same id for something else is refused."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await instructions.issue(connection, venue_id, Instruction(command_id, "guest", ttl_ms, ask))
        except Reused as error:
            raise Refused(refuse("mid_reused")) from error


async def venue_of(
    config: Config, pool: asyncpg.Pool, request: web.Request, limit: limits.Limit
) -> venues.Venue:
    """The venue in the address, unless this caller asks too often. Raises `Refused`."""
    await limits.check(pool, limit, caller(request, behind_proxy=config.behind_proxy))
    try:
        venue_id = str(UUID(request.match_info["venue_id"]))
    except ValueError as error:
        raise Refused(refuse("unknown_venue", "There is no such venue.")) from error
    async with pool.acquire() as connection:
        venue = await venues.find(connection, venue_id)
    if venue is None:
        raise Refused(refuse("unknown_venue", "There is no such venue."))
    return venue


def _bearer(request: web.Request) -> str:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer ") or not header.isascii():
        raise Refused(refuse("unauthenticated", "Send the token of your seat."))
    return header[7:].strip()


def _named(*parts: str) -> str:
    """The same parts have the same name."""
    return hashlib.sha256(":".join(parts).encode("utf-8", "replace")).hexdigest()[:40]


def _seat(venue_id: str, body: FarJoin) -> FarSeat:
    """The seat that this join always gets, with a token in the box's own form: who, and what only they
    know.
    """
    member_pid = _uuid("member", venue_id, body.mid)
    secret = hashlib.sha256(f"far token:{venue_id}:{body.mid}".encode()).digest()[:24]
    token = f"{_base64(UUID(member_pid).bytes)}.{_base64(secret)}"
    return FarSeat(_named("join", venue_id, body.mid), member_pid, token)


def _session(venue_id: str, body: FarJoin) -> str:
    """What the table's session is called if they are the first there."""
    return _uuid("session", venue_id, body.mid)


def _digest(venue: venues.Venue, body: FarJoin) -> str | None:
    return pass_word_digest(venue.restaurant_id, body.word) if body.word else None


def _uuid(*parts: str) -> str:
    return str(UUID(hex=_named(*parts)[:32], version=4))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
