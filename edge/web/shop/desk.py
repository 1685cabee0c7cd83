"""The shop at the table: designing and ordering, with or without internet.

Addresses and answers are those of the cloud's shop (`cloud/shop`), with the table session where the cloud
has the venue, so one page serves both. Nothing waits for the cloud: the final picture is painted there,
once the journal and the picture have arrived. Whether a text can be printed is found out by the layout
before a design is handed over.

Counterpart: `shop_pictures.py` has uploads and previews.
"""

import asyncio

import msgspec
from aiohttp import web

from edge.core.shop.commands import BeginDesign, ChangeDesign, HandOverDesign, PlaceShopOrder
from edge.core.shop.designing import product_of
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.studio import Studio
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.guests.desk import session_pid_of
from edge.web.tokens import Guest, Tokens
from protocol.design.layout import layout
from protocol.design.parameters import Parameters, fault, tidied
from protocol.design.templates import TEMPLATES
from protocol.design.variants import known_as
from protocol.drawing.faces import typefaces
from protocol.errors import Refused, refuse
from protocol.facts import design as designs
from protocol.facts import shop_order
from protocol.facts.design import Design
from protocol.facts.shop_config import ShopProduct
from protocol.facts.shop_order import ShopOrder
from protocol.http import Route
from protocol.shop import (
    DesignBody,
    DesignChangeBody,
    DesignReply,
    FinalizeBody,
    OrderBody,
    ProductReply,
    ShopOrderReply,
    ShopReply,
)

_TABLE = ("unknown_session", "session_closed", "not_authorised")
_DESIGN = (*_TABLE, "unknown_design", "mid_reused")
_GONE = ("unknown_product", "variant_unavailable")
_PAINTED = ("picture_missing", "text_too_long", "text_not_printable")
CATALOGUE = Route(
    method="GET",
    path="/shop/catalogue",
    summary="What the venue's shop sells.",
    response=ShopReply,
    errors=("not_configured",),
)
BEGIN = Route(
    method="POST",
    path="/designs",
    summary="Begin to design something. The same design_id is the same design.",
    request=DesignBody,
    response=DesignReply,
    status=201,
    auth="guest",
    errors=(*_DESIGN, "unknown_product", "variant_unavailable", "text_too_long"),
)
LOOK = Route(
    method="GET",
    path="/designs/{design_id}",
    summary="One of my designs.",
    response=DesignReply,
    query=("session_pid",),
    auth="guest",
    errors=_DESIGN,
)
CHANGE = Route(
    method="PATCH",
    path="/designs/{design_id}",
    summary="Change a draft under its version.",
    request=DesignChangeBody,
    response=DesignReply,
    auth="guest",
    errors=(
        *_DESIGN,
        "unknown_product",
        "variant_unavailable",
        "design_conflict",
        "design_final",
        "text_too_long",
    ),
)
FINALIZE = Route(
    method="POST",
    path="/designs/{design_id}/finalize",
    summary="Hand the design over; its final picture is painted in the cloud.",
    request=FinalizeBody,
    response=DesignReply,
    status=202,
    auth="guest",
    errors=(*_DESIGN, *_PAINTED, *_GONE, "design_conflict", "design_final", "design_empty"),
)
ORDER = Route(
    method="POST",
    path="/shop/orders",
    summary="Order pieces with a design on them; they go on the table's bill.",
    request=OrderBody,
    response=ShopOrderReply,
    status=201,
    auth="guest",
    errors=(*_DESIGN, *_PAINTED, *_GONE, "design_empty", "pass_required"),
)
STANDS = Route(
    method="GET",
    path="/shop/orders/{order_id}",
    summary="How an order of the table stands.",
    response=ShopOrderReply,
    query=("session_pid",),
    auth="guest",
    errors=(*_TABLE, "unknown_order"),
)

_begin = msgspec.json.Decoder(DesignBody)
_change = msgspec.json.Decoder(DesignChangeBody)
_finalize = msgspec.json.Decoder(FinalizeBody)
_order = msgspec.json.Decoder(OrderBody)


def _product(sold: ShopProduct) -> ProductReply:
    what = sold.id, sold.template, sold.name, sold.words, sold.price_minor
    return ProductReply(*what, sold.options, sold.sold_out)


def checked(parameters: Parameters, template: str) -> Parameters:
    """Tidied. Raises `Refused` for what cannot be."""
    clean = tidied(parameters)
    wrong = fault(clean, TEMPLATES[template])
    if wrong is not None:
        raise Refused(wrong)
    return clean


class ShopDesk:
    """The handlers and what they need."""

    def __init__(self, writer: Writer, hot: Hot, tokens: Tokens, studio: Studio) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._studio = studio

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((CATALOGUE, self.catalogue), (BEGIN, self.begin), (LOOK, self.look), (CHANGE, self.change)),
            *((FINALIZE, self.finalize), (ORDER, self.order), (STANDS, self.stands)),
        ]

    async def catalogue(self, _request: web.Request) -> web.Response:
        """`GET /shop/catalogue`."""
        venue = self._hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        sold = [each for each in venue.config.shop.products if each.active and each.template in TEMPLATES]
        kinds = [TEMPLATES[name] for name in dict.fromkeys(each.template for each in sold)]
        shown = tuple(_product(each) for each in sold)
        return answer(ShopReply(venue.config.name, venue.config.currency, shown, tuple(kinds)))

    async def begin(self, request: web.Request) -> web.Response:
        """`POST /designs`; again with the same id and looks is the same design."""
        body = await body_of(request, _begin)
        guest = self._tokens.guest(request, body.session_pid)
        product = product_of(self._hot, body.product_id)
        if product is None:
            raise Refused(refuse("unknown_product"))
        command = BeginDesign(
            body.design_id,
            body.session_pid,
            guest.member.member_pid,
            body.product_id,
            checked(body.parameters, product.template),
            body.mid or f"begin-{body.design_id}",
        )
        accepted(await self._writer.execute(command))
        return answer(self._shown(self._own(guest, body.design_id)), 201)

    async def look(self, request: web.Request) -> web.Response:
        """`GET /designs/{design_id}`."""
        guest = self._tokens.guest(request, session_pid_of(request))
        return answer(self._shown(self._own(guest, request.match_info["design_id"])))

    async def change(self, request: web.Request) -> web.Response:
        """`PATCH /designs/{design_id}`."""
        body = await body_of(request, _change)
        guest = self._tokens.guest(request, body.session_pid)
        design = self._own(guest, request.match_info["design_id"])
        looks = checked(body.parameters, design.begun.template)
        command = ChangeDesign(
            design.begun.design_id,
            body.session_pid,
            guest.member.member_pid,
            body.version,
            looks,
            body.mid,
        )
        accepted(await self._writer.execute(command))
        return answer(self._shown(self._own(guest, design.begun.design_id)))

    async def finalize(self, request: web.Request) -> web.Response:
        """`POST /designs/{design_id}/finalize`; again changes nothing."""
        body = await body_of(request, _finalize)
        guest = self._tokens.guest(request, body.session_pid)
        design = self._own(guest, request.match_info["design_id"])
        if design.status == "draft":
            await self._printable(design)
            who = design.begun.design_id, body.session_pid, guest.member.member_pid
            accepted(await self._writer.execute(HandOverDesign(*who, body.version, body.mid)))
        return answer(self._shown(self._own(guest, design.begun.design_id)), 202)

    async def order(self, request: web.Request) -> web.Response:
        """`POST /shop/orders`; again with the same order_id is the same order."""
        body = await body_of(request, _order)
        guest = self._tokens.guest(request, body.session_pid)
        await self._printable(self._own(guest, body.design_id))
        command = PlaceShopOrder(
            body.order_id,
            body.session_pid,
            guest.member.member_pid,
            body.design_id,
            body.qty,
            body.email,
            body.mid or f"order-{body.order_id}",
        )
        accepted(await self._writer.execute(command))
        return answer(self._order(body.session_pid, body.order_id), 201)

    async def stands(self, request: web.Request) -> web.Response:
        """`GET /shop/orders/{order_id}`."""
        session_pid = session_pid_of(request)
        self._tokens.guest(request, session_pid)
        return answer(self._order(session_pid, request.match_info["order_id"]))

    def _order(self, session_pid: str, order_id: str) -> ShopOrderReply:
        order = self._hot.committed(shop_order.aggregate_of(order_id))
        if not isinstance(order, ShopOrder) or order.placed.session_pid != session_pid:
            raise Refused(refuse("unknown_order"))
        placed = order.placed
        total_minor = order.qty * placed.unit_minor
        what = placed.order_id, placed.design_id, placed.product_id, placed.name
        return ShopOrderReply(*what, order.qty, total_minor, placed.currency, order.status)

    def _own(self, guest: Guest, design_id: str) -> Design:
        design = self._hot.committed(designs.aggregate_of(design_id))
        if not isinstance(design, Design) or design.begun.member_pid != guest.member.member_pid:
            raise Refused(refuse("unknown_design"))
        return design

    async def _printable(self, design: Design) -> None:
        """What a painter would refuse is refused before anybody pays for it."""
        placed = design.parameters.picture
        if placed is not None and self._studio.shelf.find(placed.blob) is None:
            raise Refused(refuse("picture_missing"))
        template = TEMPLATES[design.begun.template]
        # Faces are read from disk when they are first needed.
        await asyncio.to_thread(layout, template, design.parameters, typefaces())

    def _shown(self, design: Design) -> DesignReply:
        product = product_of(self._hot, design.begun.product_id)
        name, options = (product.name, product.options) if product else (design.begun.product_id, ())
        return DesignReply(
            design_id=design.begun.design_id,
            product_id=design.begun.product_id,
            template=design.begun.template,
            name=known_as(name, options, design.parameters),
            parameters=design.parameters,
            status=design.status,
            version=design.version,
        )
