"""HTTP for staff: signing in with a PIN, marking dishes sold out, counting them. Works with no internet."""

from typing import Annotated

import msgspec
from aiohttp import web

from edge.core.commands import CountStock, TakeItemOff
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.staff.pins import Pins
from edge.web.tokens import Staff, Tokens
from protocol.floor import Colleague, StaffReply, StockRequest
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
COLLEAGUES = Route(
    method="GET",
    path="/api/v1/staff",
    summary="Who works here, and as what; for choosing who approves.",
    response=StaffReply,
    auth="staff",
    errors=("not_configured",),
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

STOCK = Route(
    method="POST",
    path="/api/v1/menu/stock",
    summary="Say how many of a dish are left; null stops counting.",
    request=StockRequest,
    response=Done,
    auth="staff",
    errors=("unknown_menu_item", "not_configured"),
)

_pin = msgspec.json.Decoder(PinRequest)
_sold_out = msgspec.json.Decoder(SoldOutRequest)
_stock = msgspec.json.Decoder(StockRequest)


class StaffDesk:
    """Handlers of the staff's HTTP addresses."""

    def __init__(self, counter: Counter, tokens: Tokens, pins: Pins) -> None:
        self._counter = counter
        self._tokens = tokens
        self._pins = pins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (PIN, self.sign_in),
            (COLLEAGUES, self.colleagues),
            (SOLD_OUT, self.sold_out),
            (STOCK, self.stock),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        """`POST /api/v1/auth/pin`."""
        body = await body_of(request, _pin)
        account = await self._pins.account(body.user, body.pin, request.remote)
        staff = Staff(account.user, account.role)
        token = self._tokens.staff_token(staff, self._counter.clock().wall_ms // 1000)
        return answer(PinReply(token, account.user, account.name, account.role))

    async def colleagues(self, request: web.Request) -> web.Response:
        """`GET /api/v1/staff`."""
        self._counter.anybody(request)
        accounts = self._counter.config().staff
        return answer(StaffReply(tuple(Colleague(each.user, each.name, each.role) for each in accounts)))

    async def sold_out(self, request: web.Request) -> web.Response:
        """`POST /api/v1/menu/sold_out`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _sold_out)
        await self._counter.do(TakeItemOff(body.menu_item, body.sold_out, f"staff:{staff.user}"))
        return answer(Done(ok=True))

    async def stock(self, request: web.Request) -> web.Response:
        """`POST /api/v1/menu/stock`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _stock)
        await self._counter.do(CountStock(body.menu_item, body.qty, f"staff:{staff.user}"))
        return answer(Done(ok=True))
