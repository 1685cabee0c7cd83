"""`/dishes/{blob}`: pictures of dishes on the venue's own network, with the internet or without.

Whoever knows a picture's name, which is made of its bytes, may see it and may keep it for ever. One that has
not come yet is `404 unknown_picture`; pages then show the dish without.
"""

from aiohttp import web

from edge.journal.dishes import DishShelf
from edge.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route

DISH = Route(
    method="GET",
    path="/dishes/{blob}",
    summary="A dish's picture; the menu names it.",
    media="image/jpeg",
    errors=("unknown_picture",),
)
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "image/jpeg"}


class DishDesk:
    """The handler and what it needs."""

    def __init__(self, shelf: DishShelf) -> None:
        self._shelf = shelf

    def routes(self) -> list[tuple[Route, Handler]]:
        """The address and its handler."""
        return [(DISH, self.dish)]

    async def dish(self, request: web.Request) -> web.StreamResponse:
        """`GET /dishes/{blob}`."""
        path = self._shelf.find(request.match_info["blob"])
        if path is None:
            raise Refused(refuse("unknown_picture"))
        return web.FileResponse(path, headers=_HEADERS)
