"""`/api/venues/{venue_id}/products`: what a venue's shop sells, changed as a draft and then published.

A draft is whole and right at any time: what could not be sold is refused by name when it is saved.
Publishing puts it into the venue's configuration, which the box adopts as soon as it hears of it, and from
which the cloud's own shop follows in the same commit (`follow_shop_config`). Of two who edit at once the
second is asked to look again. Counterparts: `protocol/facts/shop_config.py`, `protocol/venue_file.py` has the
checks.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.store.people.logins import Login
from cloud.store.shop import drafts as shop_drafts
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.design.templates import TEMPLATES, Template
from protocol.errors import Refused, refuse
from protocol.facts.shop_config import ShopConfig, ShopProduct
from protocol.http import Route
from protocol.venue_file import shop_checks

_PATH = "/api/venues/{venue_id}/products"
#: A hundred shirts in all their sizes; it travels in one piece to the box.
_MOST_BYTES = 256 * 1024


class ProductsAnswer(msgspec.Struct, frozen=True):
    """The draft at its version, and what is sold now. `version` is 0 where nobody changed anything yet."""

    version: int
    currency: str
    products: tuple[ShopProduct, ...]
    published: tuple[ShopProduct, ...]
    changed_by: str
    templates: tuple[Template, ...]


class ProductsChange(msgspec.Struct, frozen=True):
    """All products as they are to be, after `version`."""

    version: int
    products: tuple[ShopProduct, ...]


class ProductsPublish(msgspec.Struct, frozen=True):
    """Sell what the draft of this version says."""

    version: int


READ = Route(
    method="GET",
    path=_PATH,
    summary="What the shop sells, and what is being changed of it.",
    response=ProductsAnswer,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="shop:read",
    errors=("unknown_venue", "not_configured"),
)
WRITE = Route(
    method="PUT",
    path=_PATH,
    summary="Change the draft of the shop's products. Nothing is sold otherwise before it is published.",
    request=ProductsChange,
    response=ProductsAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:write",
    errors=("unknown_venue", "not_configured", "products_changed"),
)
PUBLISH = Route(
    method="POST",
    path=f"{_PATH}/publish",
    summary="Sell what the draft says, at tables and at home. Orders that were made keep their price.",
    request=ProductsPublish,
    response=ProductsAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:write",
    errors=("unknown_venue", "not_configured", "products_changed"),
)

_change = msgspec.json.Decoder(ProductsChange)
_publish = msgspec.json.Decoder(ProductsPublish)


class ProductDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(READ, self.read), (WRITE, self.write), (PUBLISH, self.publish)]

    async def read(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/products`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            return answer(await _stands(connection, request.match_info["venue_id"]))

    async def write(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/products`. Refuses with `invalid` what could not be sold."""
        login = await self._logins.require(request)
        body = await body_of(request, _change, _MOST_BYTES)
        _check(body.products)
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            before = await _stands(connection, venue_id)
            if before.version != body.version or not await shop_drafts.write(
                connection, venue_id, body.version, body.products, login.email
            ):
                raise Refused(refuse("products_changed"))
            await self._witness(
                connection, request, login, "products changed", before.products, body.products
            )
            return answer(await _stands(connection, venue_id))

    async def publish(self, request: web.Request) -> web.Response:
        """`POST /api/venues/{venue_id}/products/publish`."""
        login = await self._logins.require(request)
        body = await body_of(request, _publish)
        venue_id = request.match_info["venue_id"]
        async with on_behalf_of(self._pool, login) as connection:
            draft = await shop_drafts.read(connection, venue_id, lock=True)
            if draft is None or draft.version != body.version:
                raise Refused(refuse("products_changed"))
            _check(draft.products)
            config = await configuration.newest(connection, venue_id)
            changed = msgspec.structs.replace(config, shop=ShopConfig(draft.products))
            if await configuration.publish(connection, venue_id, config, changed):
                sold = config.shop.products
                await self._witness(connection, request, login, "products published", sold, draft.products)
            return answer(await _stands(connection, venue_id))

    async def _witness(
        self,
        connection: asyncpg.Connection,
        request: web.Request,
        login: Login,
        action: str,
        before: tuple[ShopProduct, ...],
        after: tuple[ShopProduct, ...],
    ) -> None:
        """Only what is different: a product is known by its id."""
        old, new = ({each.id: each for each in products} for products in (before, after))
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        await self._logins.witness(
            connection,
            request,
            login,
            action,
            venue_id=request.match_info["venue_id"],
            before=[old[name] for name in changed if name in old],
            after=[new[name] for name in changed if name in new],
        )


def _check(products: tuple[ShopProduct, ...]) -> None:
    for right, complaint in shop_checks(ShopConfig(products)):
        if not right:
            raise Refused(refuse("invalid", complaint.removeprefix("shop: ")))


async def _stands(connection: asyncpg.Connection, venue_id: str) -> ProductsAnswer:
    config = await configuration.latest(connection, venue_id)
    draft = await shop_drafts.read(connection, venue_id)
    sold = config.shop.products
    return ProductsAnswer(
        version=draft.version if draft else 0,
        currency=config.currency,
        products=draft.products if draft else sold,
        published=sold,
        changed_by=draft.changed_by if draft else "",
        templates=tuple(TEMPLATES.values()),
    )
