"""`/shop/{venue_id}`: the page on which guests design at home, and the typefaces that it draws with."""

import asyncio

from aiohttp import web

from cloud.owners.pages import STATIC
from cloud.web.answers import Handler
from protocol.drawing.faces import for_pages
from protocol.errors import Refused, refuse
from protocol.http import Route

_FILE = STATIC / "shop.html"
_FOR_EVER = "public, max-age=31536000, immutable"

PAGE = Route(
    method="GET",
    path="/shop/{venue_id}",
    summary="The page of a venue's shop.",
    media="text/html",
    errors=("pages_not_built",),
)
FACE = Route(
    method="GET",
    path="/shop/faces/{face}",
    summary="A typeface that designs are set in.",
    media="font/ttf",
    errors=("not_found",),
)


class ShopPage:
    """The handlers."""

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers; the typefaces before the page, whose address has room for
        anything."""
        return [(FACE, self.face), (PAGE, self.page)]

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """`GET /shop/{venue_id}`."""
        if not await asyncio.to_thread(_FILE.is_file):
            raise Refused(refuse("pages_not_built"))
        return web.FileResponse(_FILE, headers={"Cache-Control": "no-cache"})

    async def face(self, request: web.Request) -> web.StreamResponse:
        """`GET /shop/faces/{face}`."""
        file = for_pages(request.match_info["face"])
        if file is None:
            raise Refused(refuse("not_found"))
        return web.FileResponse(file, headers={"Cache-Control": _FOR_EVER, "Content-Type": "font/ttf"})
