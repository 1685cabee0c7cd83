"""`GET /api/venues/{venue_id}/bookings`: who has booked which station on a day, and where deposits are.

Looking only: bookings are made, moved and cancelled at the venue, whose box has the last word on a slot.
Money that is owed back is given back from the list after an outage (`aftermath.py`).
"""

from datetime import date

import asyncpg
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.reading import bookings
from cloud.store.reading.bookings import BookingDay
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route

BOOKINGS = Route(
    method="GET",
    path="/api/venues/{venue_id}/bookings",
    summary="Bookings of a venue's stations on a day (`?date=2026-11-21`; today there without one).",
    response=BookingDay,
    filters=("date",),
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
    errors=("no_such_time",),
)


class BookingDesk:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """The address and its handler."""
        return [(BOOKINGS, self.bookings)]

    async def bookings(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/bookings`."""
        login = await self._logins.require(request)
        wanted = _day(request.query.get("date", ""))
        async with on_behalf_of(self._pool, login) as connection:
            found = await bookings.of_day(connection, request.match_info["venue_id"], wanted)
        if found is None:
            raise Refused(refuse("unknown_venue"))
        return answer(found)


def _day(text: str) -> date | None:
    """The day that is named; None for today. Raises `Refused`."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        if not 2000 <= day.year < 2200:
            raise ValueError(text)
    except ValueError as error:
        raise Refused(refuse("no_such_time", "Name the day, like 2026-11-21.")) from error
    return day
