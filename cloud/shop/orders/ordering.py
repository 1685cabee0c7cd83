"""`/orders`: what a guest's browser asks about orders of the shop, but for paying them.

Rule of the file: whoever asks shows the key of `guest_key.py`; an order of somebody else is answered
exactly like one that does not exist. Counterparts: `drafting.py` makes drafts, `checkout.py` has them paid,
seed 004 §1 and §4.
"""

from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.shop.designs import guest_key
from cloud.shop.orders import drafting
from cloud.shop.orders.drafting import Buyer
from cloud.shop.orders.messages import (
    Delivery,
    Destination,
    OrderAnswer,
    OrderRequest,
    Quote,
    QuoteRequest,
    ReorderRequest,
    Wanted,
)
from cloud.shop.orders.showing import address_of, shown
from cloud.store import venues
from cloud.store.shop import designs
from cloud.store.shop import orders as shop_orders
from cloud.store.shop.orders import OrderRow
from cloud.store.venues import Venue
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route

_ORDERING = (
    *("unauthenticated", "rate_limited", "unknown_venue", "unknown_design", "not_on_sale"),
    *("variant_unavailable", "not_shipped_there", "collect_only", "parcel_too_heavy", "not_collected"),
    "order_too_large",
)

DELIVERY = Route(
    method="GET",
    path="/shop/{venue_id}/delivery",
    summary="How things of a venue get to people.",
    response=Delivery,
    errors=("unknown_venue", "rate_limited"),
)
QUOTE = Route(
    method="POST",
    path="/shop/{venue_id}/quotes",
    summary="What an order would cost just now, with shipping and tax.",
    request=QuoteRequest,
    response=Quote,
    auth="guest",
    errors=_ORDERING,
)
ORDER = Route(
    method="POST",
    path="/orders",
    summary="Make a draft: designs are frozen, price, shipping and tax worked out. Once by its `mid`.",
    request=OrderRequest,
    response=OrderAnswer,
    status=201,
    auth="guest",
    errors=(*_ORDERING, "mid_reused"),
)
SHOW = Route(
    method="GET",
    path="/orders/{order_id}",
    summary="An order as it stands.",
    response=OrderAnswer,
    auth="guest",
    errors=("unauthenticated", "rate_limited", "unknown_order"),
)
REORDER = Route(
    method="POST",
    path="/orders/{order_id}/reorder",
    summary="The same things once more: copies of the frozen designs, at today's price.",
    request=ReorderRequest,
    response=OrderAnswer,
    status=201,
    auth="guest",
    errors=(*_ORDERING, "unknown_order", "mid_reused"),
)

_quote = msgspec.json.Decoder(QuoteRequest)
_order = msgspec.json.Decoder(OrderRequest)
_reorder = msgspec.json.Decoder(ReorderRequest)


class OrderDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (DELIVERY, self.delivery),
            (QUOTE, self.quote),
            (ORDER, self.order),
            (SHOW, self.show),
            (REORDER, self.reorder),
        ]

    async def delivery(self, request: web.Request) -> web.Response:
        """`GET /shop/{venue_id}/delivery`."""
        await self._limit(request, limits.SHOP_LOOKS_BY_ADDRESS)
        async with self._pool.acquire() as connection:
            venue = await venue_of(connection, request.match_info["venue_id"])
            rules = await drafting.rules_of(connection, venue.venue_id)
        zones = [Destination(zone.name, zone.countries, zone.takes) for zone in rules.zones]
        return answer(Delivery(venue.name, venue.currency, rules.collect, zones))

    async def quote(self, request: web.Request) -> web.Response:
        """`POST /shop/{venue_id}/quotes`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_LOOKS_BY_ADDRESS)
        body = await body_of(request, _quote)
        async with self._pool.acquire() as connection:
            venue = await venue_of(connection, request.match_info["venue_id"])
            _, price = await drafting.priced(connection, venue, digest, body.lines, body.country)
        return answer(
            Quote(
                currency=venue.currency,
                lines=price.lines,
                items_minor=price.items_minor,
                shipping_minor=price.shipping_minor,
                tax_minor=price.tax_minor,
                total_minor=price.total_minor,
                taxes=price.taxes,
            )
        )

    async def order(self, request: web.Request) -> web.Response:
        """`POST /orders`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_ORDERS_BY_ADDRESS)
        body = await body_of(request, _order)
        if not body.name.strip():
            raise Refused(refuse("invalid", "Please say whose order this is."))
        buyer = Buyer(
            guest_digest=digest,
            mid=body.mid,
            email=body.email,
            name=body.name,
            note=body.note,
            address=body.address,
        )
        async with self._pool.acquire() as connection, connection.transaction():
            venue = await venue_of(connection, body.venue_id)
            row = await drafting.drafted(connection, venue, buyer, body.lines)
            return answer(await shown(connection, row, venue.name), 201)

    async def show(self, request: web.Request) -> web.Response:
        """`GET /orders/{order_id}`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_LOOKS_BY_ADDRESS)
        async with self._pool.acquire() as connection:
            row = await own_order(connection, request.match_info["order_id"], digest)
            venue = await venue_of(connection, row.venue_id)
            return answer(await shown(connection, row, venue.name))

    async def reorder(self, request: web.Request) -> web.Response:
        """`POST /orders/{order_id}/reorder`."""
        digest = guest_key.digest_of(request)
        await self._limit(request, limits.SHOP_ORDERS_BY_ADDRESS)
        body = await body_of(request, _reorder)
        async with self._pool.acquire() as connection, connection.transaction():
            # Held, so that of two equal requests the second finds what the first has made.
            original = await own_order(connection, request.match_info["order_id"], digest, lock=True)
            venue = await venue_of(connection, original.venue_id)
            row = await self._again(connection, venue, original, digest, body)
            return answer(await shown(connection, row, venue.name), 201)

    async def _again(
        self,
        connection: asyncpg.Connection,
        venue: Venue,
        original: OrderRow,
        digest: str,
        body: ReorderRequest,
    ) -> OrderRow:
        before = await shop_orders.of_mid(connection, venue.venue_id, digest, body.mid)
        if before is not None:
            if before.original_order_id != original.order_id:
                raise Refused(refuse("mid_reused"))
            return before
        wanted = await _copied(connection, original, digest)
        buyer = Buyer(
            guest_digest=digest,
            mid=body.mid,
            email=original.email,
            name=original.name,
            note=original.note,
            address=None if body.collect else body.address or address_of(original),
            original_order_id=original.order_id,
        )
        return await drafting.drafted(connection, venue, buyer, wanted)

    async def _limit(self, request: web.Request, limit: limits.Limit) -> None:
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limit, address)


async def _copied(connection: asyncpg.Connection, original: OrderRow, digest: str) -> list[Wanted]:
    """Fresh copies of the designs as they were frozen, as many of each as before."""
    copies: dict[str, str] = {}
    wanted = []
    for line in await shop_orders.lines_of(connection, original):
        if line.design_id not in copies:
            copy_id = copies[line.design_id] = drafting.new_id()
            await designs.copied(connection, original.venue_id, line.design_id, copy_id, digest)
        wanted.append(Wanted(copies[line.design_id], line.quantity))
    return wanted


async def venue_of(connection: asyncpg.Connection, text: str) -> Venue:
    """The venue of this id. Raises `Refused` with `unknown_venue`."""
    try:
        venue = await venues.find(connection, str(UUID(text)))
    except ValueError:
        venue = None
    if venue is None:
        raise Refused(refuse("unknown_venue", "There is no such venue."))
    return venue


async def own_order(
    connection: asyncpg.Connection, text: str, guest_digest: str, *, lock: bool = False
) -> OrderRow:
    """The order, if this browser may see it. Raises `Refused` with `unknown_order`."""
    try:
        order = await shop_orders.find(connection, str(UUID(text)), lock=lock)
    except ValueError:
        order = None
    if order is None or not await shop_orders.is_of(connection, order, guest_digest):
        raise Refused(refuse("unknown_order"))
    return order
