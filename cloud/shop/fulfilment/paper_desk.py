"""`/admin/orders/{order_id}/…`: the papers of an order and the pictures that are printed on things.

Rule of the file: whoever may see the order may have its papers; a sheet without its picture would be made
wrong, so it waits until every final render is there. Counterpart: `papers.py` draws.
"""

import asyncio

import asyncpg
import msgspec
from aiohttp import web

from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.shop.fulfilment import papers
from cloud.shop.fulfilment.desk import order_of
from cloud.shop.fulfilment.papers import Paper, PaperLine
from cloud.shop.orders import drafting
from cloud.shop.orders.mails import Postman
from cloud.shop.orders.showing import address_of
from cloud.shop.orders.words import short_number
from cloud.store.shop import designs
from cloud.store.shop import orders as shop_orders
from cloud.store.shop.orders import LineRow, OrderRow
from cloud.store.tenancy import on_behalf_of
from cloud.store.venues import Venue
from cloud.web.answers import Handler
from protocol.design.parameters import Parameters
from protocol.design.variants import variant_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_PDF = "application/pdf"

SLIP = Route(
    method="GET",
    path="/admin/orders/{order_id}/packing_slip.pdf",
    summary="What lies in the parcel.",
    media=_PDF,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:read",
    errors=("unknown_order",),
)
SHEET = Route(
    method="GET",
    path="/admin/orders/{order_id}/production_sheet.pdf",
    summary="A page for each thing that has to be made, with its final picture.",
    media=_PDF,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:read",
    errors=("unknown_order", "render_not_ready"),
)
PICTURE = Route(
    method="GET",
    path="/admin/orders/{order_id}/picture",
    summary="The final render of a line, as it is printed.",
    media="image/png",
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="shop:read",
    query=("line",),
    errors=("unknown_order", "unknown_line", "render_not_ready"),
)


class PaperDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, blobs: Blobs, postman: Postman) -> None:
        self._pool = pool
        self._logins = logins
        self._blobs = blobs
        self._postman = postman

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(SLIP, self.slip), (SHEET, self.sheet), (PICTURE, self.picture)]

    async def slip(self, request: web.Request) -> web.Response:
        """`GET /admin/orders/{order_id}/packing_slip.pdf`."""
        order, venue, lines = await self._found(request)
        drawn = tuple(PaperLine(quantity=line.quantity, name=line.name) for line in lines)
        paper = await self._paper(order, venue, drawn)
        return _pdf(await asyncio.to_thread(papers.packing_slip, paper), f"packing slip {paper.number}")

    async def sheet(self, request: web.Request) -> web.Response:
        """`GET /admin/orders/{order_id}/production_sheet.pdf`."""
        order, venue, lines = await self._found(request)
        drawn = [
            PaperLine(
                quantity=line.quantity,
                name=line.name,
                about=_about(line),
                picture=await self._final(order, line),
            )
            for line in lines
        ]
        paper = await self._paper(order, venue, tuple(drawn))
        return _pdf(
            await asyncio.to_thread(papers.production_sheet, paper), f"production sheet {paper.number}"
        )

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """`GET /admin/orders/{order_id}/picture?line=1`."""
        order, _, lines = await self._found(request)
        line = next((each for each in lines if str(each.line) == request.query.get("line")), None)
        if line is None:
            raise Refused(refuse("unknown_line", "There is no such line in this order."))
        key = await self._key(order, line)
        name = f"{short_number(order.number)}-{line.line}.png"
        try:
            return await self._blobs.serve(request, key, name, "image/png", inline=True)
        except NoSuchBlob as error:
            raise Refused(refuse("render_not_ready")) from error

    async def _found(self, request: web.Request) -> tuple[OrderRow, Venue, list[LineRow]]:
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            order, venue = await order_of(connection, request)
            return order, venue, await shop_orders.lines_of(connection, order)

    async def _key(self, order: OrderRow, line: LineRow) -> str:
        async with self._pool.acquire() as connection:
            design = await designs.frozen(connection, order.venue_id, line.design_id)
        if design is None or design.final_image is None:
            raise Refused(refuse("render_not_ready"))
        return design.final_image

    async def _final(self, order: OrderRow, line: LineRow) -> bytes:
        try:
            return await self._blobs.read(await self._key(order, line))
        except NoSuchBlob as error:
            raise Refused(refuse("render_not_ready")) from error

    async def _paper(self, order: OrderRow, venue: Venue, lines: tuple[PaperLine, ...]) -> Paper:
        async with self._pool.acquire() as connection:
            rules = await drafting.rules_of(connection, order.venue_id)
        return Paper(
            venue=venue.name,
            sender=tuple(filter(None, (part.strip() for part in rules.sender.splitlines()))),
            number=short_number(order.number),
            name=order.name,
            to=_address_lines(order),
            ordered_at=order.created_at,
            note=order.note,
            lines=lines,
            page_url=self._postman.page(order.venue_id, "order", order.order_id),
            staff_url=self._postman.staff_page(order.order_id),
        )


def _pdf(body: bytes, name: str) -> web.Response:
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return web.Response(body=body, content_type=_PDF, headers=headers)


def _about(line: LineRow) -> tuple[str, ...]:
    """What stands on the design, for whoever checks it against the picture."""
    chosen = msgspec.json.decode(line.params, type=Parameters)
    text = " / ".join(chosen.text.text.splitlines())
    words = [f"Text: {text} ({chosen.text.face}, {chosen.text.colour})"] if text else []
    product = f"{line.product_id} {variant_of(chosen)}".rstrip()
    return (*words, f"Background: {chosen.background}", f"Product: {product}")


def _address_lines(order: OrderRow) -> tuple[str, ...]:
    """The address as its country writes it, as far as one form does for all; none where it is collected."""
    address = address_of(order)
    if address is None:
        return ()
    town = f"{address.postal_code} {address.city}"
    parts = (address.more, address.street, town, address.region, address.country)
    return tuple(part for part in parts if part)
