"""`/api/venues/{venue_id}/day`: when a venue's business day begins.

A bar that closes at four has sold until then on the evening before. The hour belongs to the venue's row in
the cloud, since only figures need it: a box closes its shifts whenever its staff do. Sums that are there are
made anew in the transaction of the change, while the venue's box waits for a moment.
Counterpart: `business_day` and `day_begins_ms` in `cloud/store/schema.sql`.
"""

from datetime import time
from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store import venues
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_PATH = "/api/venues/{venue_id}/day"


class BusinessDay(msgspec.Struct, frozen=True):
    """The hour on the venue's clock, midnight to noon, like `04:00`."""

    begins: Annotated[str, msgspec.Meta(pattern=r"^(0[0-9]|1[01]):[0-5][0-9]$|^12:00$")]


DAY = Route(
    method="GET",
    path=_PATH,
    summary="When the venue's business day begins.",
    response=BusinessDay,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="venues:read",
)
CHANGE = Route(
    method="PUT",
    path=_PATH,
    summary="Say when the venue's business day begins; figures by day follow, those of the past included.",
    request=BusinessDay,
    response=BusinessDay,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("unknown_venue",),
)

_decoder = msgspec.json.Decoder(BusinessDay)


class BusinessDayDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(DAY, self.day), (CHANGE, self.change)]

    async def day(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/day`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            begins = await venues.day_begins(connection, request.match_info["venue_id"])
        return answer(BusinessDay(f"{begins:%H:%M}"))

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/day`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)
        venue_id = request.match_info["venue_id"]
        # Not behind the wall: sums are nobody's to write. The gate has asked whose venue it is.
        async with self._pool.acquire() as connection, connection.transaction():
            if not await venues.reaches(connection, login, venue_id):
                raise Refused(refuse("unknown_venue"))
            before = await venues.begin_days_at(connection, venue_id, time.fromisoformat(wanted.begins))
            await self._logins.witness(
                connection,
                request,
                login,
                "business day changed",
                venue_id=venue_id,
                before=BusinessDay(f"{before:%H:%M}"),
                after=wanted,
            )
        return answer(wanted)
