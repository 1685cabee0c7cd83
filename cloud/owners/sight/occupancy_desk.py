"""`GET /api/venues/{venue_id}/stations`: who plays there now. Asked again when the venue's row changes."""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.reading import occupancy
from cloud.store.reading.occupancy import StationRow
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.http import Route


class Occupancy(msgspec.Struct, frozen=True):
    """How many are busy (playing or paused), free, and out of service; and each station."""

    busy: int
    free: int
    out_of_service: int
    stations: list[StationRow]


STATIONS = Route(
    method="GET",
    path="/api/venues/{venue_id}/stations",
    summary="Stations of a venue with the sessions that run there and the time they have left.",
    response=Occupancy,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="venues:read",
)


class OccupancyDesk:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """The address and its handler."""
        return [(STATIONS, self.stations)]

    async def stations(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/stations`."""
        login = await self._logins.require(request)
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            found = await occupancy.stations(connection, login.organisation_id, venue_id)
        tally = [each.state for each in found]
        busy = tally.count("playing") + tally.count("paused")
        return answer(Occupancy(busy, tally.count("free"), tally.count("out_of_service"), found))
