"""House rules of a venue that are a number or a switch, as its owner sets them: part of its configuration.

Amounts are in minor units of the venue's currency. Counterpart: `configuration.py` says how a change is made.
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
from protocol.facts.venue import TableConfig, VenueConfig
from protocol.http import Route

_PATH = "/api/venues/{venue_id}/rules"


class HouseRules(msgspec.Struct, frozen=True):
    """What guests may owe the venue together while the cloud cannot be reached; 0 is nothing.

    A price in a cart is held for `price_hold_minutes`, whatever a later menu says; 0 is until checkout.
    """

    wallet_credit_cap_minor: Annotated[int, msgspec.Meta(ge=0, le=10**8)]
    price_hold_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)]


class RulesAnswer(HouseRules, frozen=True):
    """The rules in force, or on their way to the venue; the currency of amounts, and the tables' codes."""

    currency: str
    tables: tuple[TableConfig, ...]


RULES = Route(
    method="GET",
    path=_PATH,
    summary="House rules of a venue.",
    response=RulesAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="venues:read",
    errors=("not_configured",),
)
CHANGE = Route(
    method="PUT",
    path=_PATH,
    summary="Set the house rules of a venue; its box follows as soon as it hears of it.",
    request=HouseRules,
    response=RulesAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("not_configured",),
)

_decoder = msgspec.json.Decoder(HouseRules)


class RulesDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins
        self._rewriting = Rewriting(logins, "house rules changed", _shown)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(RULES, self.rules), (CHANGE, self.change)]

    async def rules(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/rules`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.latest(connection, request.match_info["venue_id"])
        return answer(_shown(config))

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/rules`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)

        def ruled(config: VenueConfig) -> VenueConfig:
            return msgspec.structs.replace(config, **msgspec.structs.asdict(wanted))

        async with on_behalf_of(self._pool, login) as connection:
            changed = await self._rewriting.rewrite(connection, request, login, ruled)
        return answer(_shown(changed))


def _shown(config: VenueConfig) -> RulesAnswer:
    return RulesAnswer(
        wallet_credit_cap_minor=config.wallet_credit_cap_minor,
        price_hold_minutes=config.price_hold_minutes,
        currency=config.currency,
        tables=config.tables,
    )
