"""HTTP for staff: signing in with a PIN, closing a table, marking dishes sold out. Works with no internet."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import msgspec
from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from edge.core.clock import Now
from edge.core.commands import CloseTable, TakeItemOff
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.throttle import Throttle
from edge.web.tokens import Staff, Tokens
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.table import Id


class PinRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/auth/pin`."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PinReply(msgspec.Struct, frozen=True):
    """A Bearer token for twelve hours."""

    token: str
    user: str
    name: str
    role: str


class SoldOutRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/menu/sold_out`."""

    menu_item: Id
    sold_out: bool


class TableRow(msgspec.Struct, frozen=True):
    """A table of the venue and whether somebody sits at it."""

    code: str
    name: str
    session_pid: str | None


class TablesReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/tables`."""

    tables: tuple[TableRow, ...]


class Done(msgspec.Struct, frozen=True):
    """It is so now, or was already."""

    ok: bool


PIN = Route(
    method="POST",
    path="/api/v1/auth/pin",
    summary="Sign in with user and PIN.",
    request=PinRequest,
    response=PinReply,
    errors=("wrong_pin", "rate_limited", "not_configured"),
)
TABLES = Route(method="GET", path="/api/v1/tables", summary="All tables.", response=TablesReply, auth="staff")
CLOSE = Route(
    method="POST",
    path="/api/v1/tables/{code}/close",
    summary="The guests are gone: end the table's session and its tokens.",
    response=Done,
    auth="staff",
    errors=("unknown_table", "order_in_progress", "forbidden"),
)
SOLD_OUT = Route(
    method="POST",
    path="/api/v1/menu/sold_out",
    summary="Take a dish off the menu for now, or bring it back; every phone is told at once.",
    request=SoldOutRequest,
    response=Done,
    auth="staff",
    errors=("unknown_menu_item", "not_configured"),
)

_pin = msgspec.json.Decoder(PinRequest)
_sold_out = msgspec.json.Decoder(SoldOutRequest)
_hasher = PasswordHasher()
#: Verified in place of an unknown user's PIN, so that the answer takes as long either way. Nobody knows what
#: hashes to zeros, and writing them down spares every start-up the making of a real hash (64 MiB, 0.2 s).
_NOBODY = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)


class StaffDesk:
    """Handlers of the staff's HTTP addresses."""

    def __init__(self, writer: Writer, hot: Hot, tokens: Tokens, clock: Callable[[], Now]) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._clock = clock
        self._pins = Throttle(5, 60.0, lambda: clock().mono_ns / 1e9)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (PIN, self.sign_in),
            (TABLES, self.tables),
            (CLOSE, self.close_table),
            (SOLD_OUT, self.sold_out),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        """`POST /api/v1/auth/pin`."""
        body = await body_of(request, _pin)
        venue = self._hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        key = f"{body.user}@{request.remote}"
        self._pins.check(key)
        account = venue.staff.get(body.user)
        matches = await asyncio.to_thread(_matches, account.pin_hash if account else _NOBODY, body.pin)
        if account is None or not matches:
            self._pins.failed(key)
            raise Refused(refuse("wrong_pin"))
        self._pins.succeeded(key)
        staff = Staff(account.user, account.role)
        token = self._tokens.staff_token(staff, self._clock().wall_ms // 1000)
        return answer(PinReply(token, account.user, account.name, account.role))

    async def tables(self, request: web.Request) -> web.Response:
        """`GET /api/v1/tables`."""
        self._tokens.staff(request)
        venue = self._hot.committed_venue()
        tables = venue.config.tables if venue else ()
        rows = (TableRow(each.code, each.name, self._hot.open_session_at(each.code)) for each in tables)
        return answer(TablesReply(tuple(rows)))

    async def close_table(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/close`."""
        staff = self._tokens.staff(request, "manager", "waiter")
        code = request.match_info["code"]
        venue = self._hot.committed_venue()
        if venue is None or code not in venue.tables:
            raise Refused(refuse("unknown_table"))
        session_pid = self._hot.open_session_at(code)
        if session_pid is not None:
            command = CloseTable(session_pid, "closed by staff", f"staff:{staff.user}")
            accepted(await self._writer.execute(command))
        return answer(Done(ok=True))

    async def sold_out(self, request: web.Request) -> web.Response:
        """`POST /api/v1/menu/sold_out`."""
        staff = self._tokens.staff(request)
        body = await body_of(request, _sold_out)
        command = TakeItemOff(body.menu_item, body.sold_out, f"staff:{staff.user}")
        accepted(await self._writer.execute(command))
        return answer(Done(ok=True))


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False
