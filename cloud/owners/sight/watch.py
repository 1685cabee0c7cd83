"""What an owner reads: all venues, and one venue's orders of a day.

Tenancy: every question carries the organisation of the login, down into the SQL. The gate answers for a venue
of somebody else exactly as for one that does not exist.
"""

from datetime import date

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.reading import dashboard
from cloud.store.reading.dashboard import OrderRow, VenueRow
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route


class VenuesAnswer(msgspec.Struct, frozen=True):
    """All venues of the organisation, by name."""

    venues: list[VenueRow]


class OrdersAnswer(msgspec.Struct, frozen=True):
    """Orders of the day, newest first, 500 at most."""

    orders: list[OrderRow]


VENUES = Route(
    method="GET",
    path="/api/venues",
    summary="All venues with their link, lag and today's figures.",
    response=VenuesAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="venues:read",
)
ORDERS = Route(
    method="GET",
    path="/api/venues/{venue_id}/orders",
    summary="Orders of one of the venue's days: `today` or a date like 2026-03-31.",
    response=OrdersAnswer,
    query=("day",),
    auth="owner",
    roles=roles.EVERYBODY,
    scope="reports:read",
)


class Watch:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(VENUES, self.venues), (ORDERS, self.orders)]

    async def venues(self, request: web.Request) -> web.Response:
        """`GET /api/venues`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            rows = await dashboard.venues(connection, login.organisation_id)
        return answer(VenuesAnswer(rows))

    async def orders(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/orders?day=today|YYYY-MM-DD`."""
        login = await self._logins.require(request)
        day = _day(request.query.get("day", "today"))
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            orders = await dashboard.orders_of_day(connection, login.organisation_id, venue_id, day)
        return answer(OrdersAnswer(orders))


def _day(text: str) -> date | None:
    if text == "today":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(refuse("invalid", "day is `today` or a date like 2026-03-31.")) from error
