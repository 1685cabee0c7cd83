"""What a guest ordered before, in a browser that does not know: let in by a link in a mail.

Rule of the file: the answer to who asks for a link is the same whether there is anything under the address
or not, and takes as long, because only the worker looks. The token is in the link's fragment, which no
server ever logs, works once and not for long, and is kept as a digest. Limits count by caller and by
address, so nobody is buried in mails.
"""

import secrets

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.jobs.registry import Kind, Work
from cloud.shop.designs import guest_key
from cloud.shop.orders.mails import LINK_MINUTES, Postman, base_url
from cloud.shop.orders.messages import (
    HistoryAnswer,
    HistoryPromise,
    HistoryRequest,
    Redeem,
    Redeemed,
)
from cloud.shop.orders.ordering import venue_of
from cloud.shop.orders.showing import shown
from cloud.store import venues
from cloud.store.shop import links as shop_links
from cloud.store.shop import orders as shop_orders
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

#: How long a browser that was let in stays so.
_DAYS = 30
_MOST_SHOWN = 100

ASK = Route(
    method="POST",
    path="/orders/history/link",
    summary="Have a link to one's orders sent; answered alike whether there are any.",
    request=HistoryRequest,
    response=HistoryPromise,
    status=202,
    errors=("unknown_venue", "rate_limited"),
)
REDEEM = Route(
    method="POST",
    path="/orders/history/redeem",
    summary="Let this browser in to the orders of the address that the link was sent to. Works once.",
    request=Redeem,
    response=Redeemed,
    auth="guest",
    errors=("unauthenticated", "unknown_venue", "rate_limited", "link_unknown"),
)
HISTORY = Route(
    method="GET",
    path="/shop/{venue_id}/history",
    summary="What this browser may see, newest first.",
    response=HistoryAnswer,
    auth="guest",
    errors=("unauthenticated", "unknown_venue", "rate_limited"),
)


class LinkWanted(msgspec.Struct, frozen=True):
    """Somebody asked for a link."""

    venue_id: str
    email: str


async def _send_link(work: Work, what: LinkWanted) -> None:
    """A mail, if anything was ever ordered under the address. Run twice, it is two links of which each
    works.
    """
    token = secrets.token_urlsafe(32)
    digest = token_digest(token)
    async with work.pool.acquire() as connection, connection.transaction():
        venue = await venues.find(connection, what.venue_id)
        if venue is None or not await shop_links.has_orders(connection, what.venue_id, what.email):
            return
        await shop_links.make(connection, what.venue_id, digest, what.email, LINK_MINUTES)
        postman = Postman(base_url(work.config))
        await postman.history(connection, venue, what.email, token, digest[:16])


SEND_LINK = Kind(name="shop-link", body=LinkWanted, do=_send_link, attempts=3)

_ask = msgspec.json.Decoder(HistoryRequest)
_redeem = msgspec.json.Decoder(Redeem)


class HistoryDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ASK, self.ask), (REDEEM, self.redeem), (HISTORY, self.history)]

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /orders/history/link`."""
        await self._limit(request, limits.SHOP_LINKS_BY_ADDRESS)
        body = await body_of(request, _ask)
        email = body.email.lower()
        await limits.check(self._pool, limits.SHOP_LINKS_BY_EMAIL, f"{body.venue_id.lower()} {email}")
        async with self._pool.acquire() as connection, connection.transaction():
            venue = await venue_of(connection, body.venue_id)
            await SEND_LINK.ask(connection, LinkWanted(venue.venue_id, email), venue.organisation_id)
        return answer(HistoryPromise(LINK_MINUTES), 202)

    async def redeem(self, request: web.Request) -> web.Response:
        """`POST /orders/history/redeem`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_REDEEMS_BY_ADDRESS)
        body = await body_of(request, _redeem)
        async with self._pool.acquire() as connection, connection.transaction():
            venue = await venue_of(connection, body.venue_id)
            email = await shop_links.spend(
                connection, venue.venue_id, token_digest(body.token), digest, _DAYS
            )
        if email is None:
            raise Refused(refuse("link_unknown"))
        return answer(Redeemed(email))

    async def history(self, request: web.Request) -> web.Response:
        """`GET /shop/{venue_id}/history`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_LOOKS_BY_ADDRESS)
        async with self._pool.acquire() as connection:
            venue = await venue_of(connection, request.match_info["venue_id"])
            rows = await shop_orders.of_guest(connection, venue.venue_id, digest, _MOST_SHOWN)
            return answer(HistoryAnswer([await shown(connection, row, venue.name) for row in rows]))

    async def _limit(self, request: web.Request, limit: limits.Limit) -> None:
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limit, address)
