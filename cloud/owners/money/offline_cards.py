"""Whether a venue takes cards that only its terminal knows of, and how much may be at risk: the owner's word.

Part of the venue's configuration, off unless an owner says yes. The box holds payments against it also while
it is cut off. Counterpart: `edge/core/money/stored_cards.py`.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.owners.venues.rewriting import Rewriting
from cloud.store.money import offline_cards
from cloud.store.money.offline_cards import Unsent
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.facts.card_config import OfflineCards
from protocol.facts.venue import VenueConfig
from protocol.http import Route
from protocol.venue_file import offline_card_checks

_PATH = "/api/venues/{venue_id}/offline_cards"


class OfflineCardsAnswer(msgspec.Struct, frozen=True):
    """The rules, and what the terminals of the venue have not sent, as far as is known here."""

    rules: OfflineCards
    unsent: Unsent
    currency: str


class OfflineCardsRequest(msgspec.Struct, frozen=True):
    """All of it, in minor units and hours."""

    allowed: bool
    most_minor: int
    most_unsent_minor: int
    most_hours: int


RULES = Route(
    method="GET",
    path=_PATH,
    summary="Whether cards may be stored by the venue's terminal in an outage, and within which limits.",
    response=OfflineCardsAnswer,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
    errors=("not_configured",),
)
CHANGE = Route(
    method="PUT",
    path=_PATH,
    summary="Allow it or not, and set the limits. Owners only: it is their money that is at risk.",
    request=OfflineCardsRequest,
    response=OfflineCardsAnswer,
    auth="owner",
    roles=roles.OWNERS,
    errors=("not_configured",),
)

_change = msgspec.json.Decoder(OfflineCardsRequest)


class OfflineCardDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins
        self._rewriting = Rewriting(logins, "offline cards changed", _rules)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(RULES, self.rules), (CHANGE, self.change)]

    async def rules(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/offline_cards`."""
        login = await self._logins.require(request)
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            found = await _shown(connection, venue_id, await configuration.latest(connection, venue_id))
        return answer(found)

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/offline_cards`. Refuses with `invalid` limits that cannot be meant."""
        login = await self._logins.require(request)
        body: OfflineCardsRequest = await body_of(request, _change)
        wanted = OfflineCards(**msgspec.structs.asdict(body))
        for right, complaint in offline_card_checks(wanted):
            if not right:
                raise Refused(refuse("invalid", complaint))

        def ruled(config: VenueConfig) -> VenueConfig:
            return msgspec.structs.replace(config, offline_cards=wanted)

        async with on_behalf_of(self._pool, login) as connection:
            after = await self._rewriting.rewrite(connection, request, login, ruled)
            found = await _shown(connection, request.match_info["venue_id"], after)
        return answer(found)


async def _shown(connection: asyncpg.Connection, venue_id: str, config: VenueConfig) -> OfflineCardsAnswer:
    unsent = await offline_cards.unsent(connection, venue_id)
    return OfflineCardsAnswer(config.offline_cards, unsent, config.currency)


def _rules(config: VenueConfig) -> dict[str, object]:
    """With what is as it was from the beginning, too."""
    return msgspec.structs.asdict(config.offline_cards)
