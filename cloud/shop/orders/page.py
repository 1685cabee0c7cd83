"""`/shop/{venue_id}/orders`: the page on which guests order, pay and look; one page for all venues.

Counterpart: `cloud/pages/orders`, which asks the addresses of `ordering.py`, `checkout.py` and `history.py`.
"""

from aiohttp import web

from cloud.owners.pages import STATIC
from cloud.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route

_FILE = STATIC / "orders.html"

PAGE = Route(
    method="GET",
    path="/shop/{venue_id}/orders",
    summary="The page of a guest's orders.",
    media="text/html",
    errors=("pages_not_built",),
)


class OrderPage:
    """The handler."""

    def routes(self) -> list[tuple[Route, Handler]]:
        """Its address."""
        return [(PAGE, self.page)]

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """The page, or in words that it is not built."""
        if not _FILE.exists():
            raise Refused(refuse("pages_not_built"))
        return web.FileResponse(_FILE, headers={"Cache-Control": "no-cache"})
