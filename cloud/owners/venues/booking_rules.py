"""House rules for bookings of a venue's stations, as its owner sets them: part of its configuration.

A booking keeps the rules under which its box made it, so a change concerns later ones only. Counterparts:
`configuration.py` says how a change is made, `edge/core/bookings/` decides by it.
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.owners.venues.rewriting import Rewriting
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.facts.booking_config import BookingRules
from protocol.facts.venue import VenueConfig
from protocol.http import Route

_PATH = "/api/venues/{venue_id}/booking_rules"
_Hours = Annotated[int, msgspec.Meta(ge=0, le=24 * 30)]
_Minutes = Annotated[int, msgspec.Meta(ge=5, le=24 * 60)]


class BookingRulesRequest(msgspec.Struct, frozen=True):
    """All of them, in minor units, hours, minutes and days; a deposit of 0 is none."""

    deposit_minor: Annotated[int, msgspec.Meta(ge=0, le=10**8)]
    free_cancel_hours: _Hours
    grace_minutes: _Minutes
    hold_minutes: _Minutes
    ahead_days: Annotated[int, msgspec.Meta(ge=1, le=730)]
    most_minutes: Annotated[int, msgspec.Meta(ge=15, le=24 * 60)]


class BookingRulesAnswer(BookingRulesRequest, frozen=True):
    """The rules in force, or on their way to the venue."""

    currency: str


RULES = Route(
    method="GET",
    path=_PATH,
    summary="House rules for bookings of stations.",
    response=BookingRulesAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="venues:read",
    errors=("not_configured",),
)
CHANGE = Route(
    method="PUT",
    path=_PATH,
    summary="Set the house rules for bookings; what is booked already keeps those it was made under.",
    request=BookingRulesRequest,
    response=BookingRulesAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("not_configured",),
)

_decoder = msgspec.json.Decoder(BookingRulesRequest)


class BookingRulesDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins
        self._rewriting = Rewriting(logins, "booking rules changed", _shown)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(RULES, self.rules), (CHANGE, self.change)]

    async def rules(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/booking_rules`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.latest(connection, request.match_info["venue_id"])
        return answer(_shown(config))

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/booking_rules`."""
        login = await self._logins.require(request)
        body = await body_of(request, _decoder)
        wanted = BookingRules(**msgspec.structs.asdict(body))

        def ruled(config: VenueConfig) -> VenueConfig:
            return msgspec.structs.replace(config, play=msgspec.structs.replace(config.play, bookings=wanted))

        async with on_behalf_of(self._pool, login) as connection:
            changed = await self._rewriting.rewrite(connection, request, login, ruled)
        return answer(_shown(changed))


def _shown(config: VenueConfig) -> BookingRulesAnswer:
    return BookingRulesAnswer(**msgspec.structs.asdict(config.play.bookings), currency=config.currency)
