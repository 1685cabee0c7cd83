"""`/designs`: what guests of a venue's shop make, from any place with internet (seed 004).

A draft is changed under its version: whoever changes an older one is told how it stands. Ids are made by
the browser, so a request that is sent again makes nothing twice. Only the holder of the key with which a
design was begun sees it; to everybody else it does not exist. Painting is `painting_desk.py`'s.
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.owners.gate import identity
from cloud.shop.designs.guest_key import digest_of
from cloud.store import venues
from cloud.store.shop import designs, products
from cloud.store.shop.designs import DesignRow
from cloud.store.shop.products import Product
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.design import variants
from protocol.design.parameters import Parameters, fault, tidied
from protocol.design.templates import TEMPLATES, Template
from protocol.design.variants import Option
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.table import Pid

_ProductId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class Catalogue(msgspec.Struct, frozen=True):
    """What a venue sells, and what can be printed on each of it."""

    venue: str
    currency: str
    products: list[Product]
    templates: list[Template]


class NewDesign(msgspec.Struct, frozen=True):
    """Begin to design a product of a venue; `design_id` is a UUID that the browser has made."""

    venue_id: Pid
    design_id: Pid
    product_id: _ProductId
    parameters: Parameters = Parameters()


class DesignChange(msgspec.Struct, frozen=True):
    """Other looks for the draft that was last seen at `version`."""

    version: Version
    parameters: Parameters


class DesignAnswer(msgspec.Struct, frozen=True):
    """A design. Addresses of pictures are null as long as there is none."""

    design_id: str
    venue_id: str
    product_id: str
    template: str
    name: str
    parameters: Parameters
    status: str
    version: int
    preview_image_url: str | None
    final_image_url: str | None
    failure: str | None
    original_design_id: str | None


class DesignList(msgspec.Struct, frozen=True):
    """A guest's designs at one venue, the newest first."""

    designs: list[DesignAnswer]


_ERRORS = ("unauthenticated", "unknown_design", "rate_limited")
CATALOGUE = Route(
    method="GET",
    path="/shop/{venue_id}/catalogue",
    summary="What a venue sells.",
    response=Catalogue,
    errors=("unknown_venue", "rate_limited"),
)
BEGIN = Route(
    method="POST",
    path="/designs",
    summary="Begin to design something. The same design_id is the same design.",
    request=NewDesign,
    response=DesignAnswer,
    status=201,
    auth="guest",
    errors=(
        "unauthenticated",
        "unknown_venue",
        "unknown_product",
        "variant_unavailable",
        "mid_reused",
        "text_too_long",
        "rate_limited",
    ),
)
LIST = Route(
    method="GET",
    path="/designs",
    summary="My designs at a venue.",
    response=DesignList,
    auth="guest",
    query=("venue_id",),
    errors=("unauthenticated", "unknown_venue", "rate_limited"),
)
LOOK = Route(
    method="GET",
    path="/designs/{design_id}",
    summary="One of my designs.",
    response=DesignAnswer,
    auth="guest",
    errors=_ERRORS,
)
CHANGE = Route(
    method="PATCH",
    path="/designs/{design_id}",
    summary="Change a draft under its version.",
    request=DesignChange,
    response=DesignAnswer,
    auth="guest",
    errors=(
        *(*_ERRORS, "unknown_product", "variant_unavailable"),
        *("design_conflict", "design_final", "text_too_long"),
    ),
)

_new = msgspec.json.Decoder(NewDesign)
_changed = msgspec.json.Decoder(DesignChange)


async def found(request: web.Request, config: Config, pool: asyncpg.Pool) -> DesignRow:
    """The design in the path, if it is this guest's. Raises `Refused`."""
    guest = digest_of(request)
    address = caller(request, behind_proxy=config.behind_proxy)
    await limits.check(pool, limits.DESIGNING_BY_ADDRESS, address)
    design = await designs.find(pool, identity(request.match_info["design_id"], "unknown_design"), guest)
    if design is None:
        raise Refused(refuse("unknown_design"))
    return design


async def venue_of(request: web.Request, config: Config, pool: asyncpg.Pool, named: str) -> venues.Venue:
    """A venue that exists. Raises `Refused`."""
    address = caller(request, behind_proxy=config.behind_proxy)
    await limits.check(pool, limits.DESIGNING_BY_ADDRESS, address)
    async with pool.acquire() as connection:
        venue = await venues.find(connection, identity(named, "unknown_venue"))
    if venue is None:
        raise Refused(refuse("unknown_venue", "There is no such venue."))
    return venue


def shown(design: DesignRow, names: dict[str, tuple[str, tuple[Option, ...]]]) -> DesignAnswer:
    """A design as its guest sees it; `names` are of the venue's products, with their options."""
    called, options = names.get(design.product_id, (design.product_id, ()))
    preview, final = design.preview, design.final_image
    return DesignAnswer(
        design_id=design.design_id,
        venue_id=design.venue_id,
        product_id=design.product_id,
        template=design.template,
        name=variants.known_as(called, options, design.parameters),
        parameters=design.parameters,
        status=design.status,
        version=design.version,
        preview_image_url=f"/previews/{design.venue_id}/{preview}" if preview else None,
        final_image_url=f"/designs/{design.design_id}/final" if final else None,
        failure=design.failure,
        original_design_id=design.original_design_id,
    )


def checked(parameters: Parameters, template: str) -> Parameters:
    """Tidied. Raises `Refused` for what cannot be."""
    clean = tidied(parameters)
    wrong = fault(clean, TEMPLATES[template])
    if wrong is not None:
        raise Refused(wrong)
    return clean


class DesignDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((CATALOGUE, self.catalogue), (BEGIN, self.begin), (LIST, self.list)),
            *((LOOK, self.look), (CHANGE, self.change)),
        ]

    async def catalogue(self, request: web.Request) -> web.Response:
        """`GET /shop/{venue_id}/catalogue`."""
        venue = await venue_of(request, self._config, self._pool, request.match_info["venue_id"])
        sold = await products.on_sale(self._pool, venue.venue_id)
        kinds = dict.fromkeys(each.template for each in sold)
        known = [TEMPLATES[name] for name in kinds if name in TEMPLATES]
        return answer(Catalogue(venue.name, venue.currency, sold, known))

    async def begin(self, request: web.Request) -> web.Response:
        """`POST /designs`."""
        guest = digest_of(request)
        body = await body_of(request, _new)
        venue = await venue_of(request, self._config, self._pool, body.venue_id)
        design_id = identity(body.design_id, "invalid")
        product = await products.find(self._pool, venue.venue_id, body.product_id)
        if product is None or product.template not in TEMPLATES:
            raise Refused(refuse("unknown_product"))
        looks = checked(body.parameters, product.template)
        parameters = variants.settled(looks, product.options, product.sold_out)
        await designs.add(
            self._pool, venue.venue_id, design_id, guest, product.product_id, product.template, parameters
        )
        design = await designs.find(self._pool, design_id, guest)
        if design is None or (design.venue_id, design.product_id) != (venue.venue_id, product.product_id):
            raise Refused(refuse("mid_reused", "There is another design of this id."))
        return answer(shown(design, {product.product_id: (product.name, product.options)}), 201)

    async def list(self, request: web.Request) -> web.Response:
        """`GET /designs?venue_id=`."""
        guest = digest_of(request)
        venue = await venue_of(request, self._config, self._pool, request.query.get("venue_id", ""))
        names = await products.names(self._pool, venue.venue_id)
        mine = await designs.of_guest(self._pool, venue.venue_id, guest)
        return answer(DesignList([shown(each, names) for each in mine]))

    async def look(self, request: web.Request) -> web.Response:
        """`GET /designs/{design_id}`."""
        design = await found(request, self._config, self._pool)
        return answer(await self._shown(design))

    async def change(self, request: web.Request) -> web.Response:
        """`PATCH /designs/{design_id}`."""
        design = await found(request, self._config, self._pool)
        body = await body_of(request, _changed)
        product = await products.find(self._pool, design.venue_id, design.product_id)
        if product is None:
            raise Refused(refuse("unknown_product"))
        looks = checked(body.parameters, design.template)
        parameters = variants.settled(looks, product.options, product.sold_out)
        after = await designs.change(self._pool, design, body.version, parameters)
        if after is not None:
            return answer(await self._shown(after))
        now = await designs.find(self._pool, design.design_id, design.guest_digest)
        if now is None:
            raise Refused(refuse("unknown_design"))
        if now.status == "draft" and now.version == body.version + 1 and now.parameters == parameters:
            return answer(await self._shown(now))  # the same request, sent once more
        code = "design_conflict" if now.status == "draft" else "design_final"
        stands = msgspec.to_builtins(await self._shown(now))
        raise Refused(refuse(code, detail={"design": stands}))

    async def _shown(self, design: DesignRow) -> DesignAnswer:
        return shown(design, await products.names(self._pool, design.venue_id))
