"""`/api/venues/{venue_id}/shipping`: how a venue's things get to people, and what that costs.

Of two who change the rules at once the second is asked to look again. Counterpart: `shipping.py` says what
rules can say.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.shop.orders import shipping
from cloud.shop.orders.shipping import Contradiction, Rules
from cloud.store.shop import rules as shop_rules
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route


class RulesAnswer(msgspec.Struct, frozen=True):
    """The rules and their version; 0 where nobody has said anything yet."""

    version: int
    rules: Rules


class RulesChange(msgspec.Struct, frozen=True):
    """New rules after `version`."""

    version: int
    rules: Rules


READ = Route(
    method="GET",
    path="/api/venues/{venue_id}/shipping",
    summary="How the shop's things get to people.",
    response=RulesAnswer,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="shop:read",
    errors=("unknown_venue",),
)
WRITE = Route(
    method="PUT",
    path="/api/venues/{venue_id}/shipping",
    summary="Change how the shop's things get to people. Orders that were made keep their price.",
    request=RulesChange,
    response=RulesAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:write",
    errors=("unknown_venue", "rules_changed", "rules_contradict"),
)

_change = msgspec.json.Decoder(RulesChange)


class ShippingDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(READ, self.read), (WRITE, self.write)]

    async def read(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/shipping`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            return answer(await _rules(connection, request.match_info["venue_id"]))

    async def write(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/shipping`."""
        login = await self._logins.require(request)
        body = await body_of(request, _change)
        try:
            shipping.check(body.rules)
        except Contradiction as error:
            raise Refused(refuse("rules_contradict", str(error))) from error
        venue_id = request.match_info["venue_id"]
        text = msgspec.json.encode(body.rules).decode()
        async with on_behalf_of(self._pool, login) as connection:
            before = await _rules(connection, venue_id)
            if not await shop_rules.write(connection, venue_id, body.version, text):
                raise Refused(refuse("rules_changed"))
            await self._logins.witness(
                connection,
                request,
                login,
                "shipping rules changed",
                venue_id=venue_id,
                before=before.rules,
                after=body.rules,
            )
            return answer(await _rules(connection, venue_id))


async def _rules(connection: asyncpg.Connection, venue_id: str) -> RulesAnswer:
    version, text = await shop_rules.read(connection, venue_id)
    return RulesAnswer(version, msgspec.json.decode(text, type=Rules))
