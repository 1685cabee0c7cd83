"""The built pages: one HTML file each, and hashed assets that may be cached for ever.

They are made from `edge/pages` when the wheel is built (`make pages` in a checkout) and land in `static/`.
"""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from edge.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route

STATIC = Path(__file__).parent / "static"
_HTML = {"Cache-Control": "no-cache"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def _page(path: str, summary: str, media: str = "text/html") -> Route:
    return Route(method="GET", path=path, summary=summary, media=media, errors=("not_found",))


GUEST = _page("/t/{code}", "The guest's page of a table.")
SHOP = _page("/t/{code}/shop", "The shop at a table.")
KITCHEN = _page("/kitchen", "The kitchen's page.")
STAFF = _page("/staff", "The staff's page, for a tablet or a phone.")
BALANCE = _page("/balance", "A guest's own balance.")
ASSET = _page("/assets/{name}", "A page's script or style.", "*/*")
FAVICON = _page("/favicon.svg", "The sign.", "image/svg+xml")
HOME = Route(method="GET", path="/", summary="Where to go from here.", media="text/html", status=303)


def routes(nobody: Callable[[], bool]) -> list[tuple[Route, Handler]]:
    """Addresses and their handlers. `nobody` tells whether the box serves no venue yet."""

    async def home(_request: web.Request) -> web.StreamResponse:
        """`GET /`: whoever types the box's name most likely works here, or sets it up."""
        return web.Response(status=303, headers={"Location": "/pair" if nobody() else "/staff"})

    return [
        (HOME, home),
        (GUEST, guest),
        (SHOP, shop),
        (KITCHEN, kitchen),
        (STAFF, staff),
        (BALANCE, balance),
        (ASSET, asset),
        (FAVICON, favicon),
    ]


async def guest(_request: web.Request) -> web.StreamResponse:
    """`GET /t/{code}`; the page itself says so if no table has this code."""
    return _file("guest.html", _HTML)


async def shop(_request: web.Request) -> web.StreamResponse:
    """`GET /t/{code}/shop`."""
    return _file("shop.html", _HTML)


async def kitchen(_request: web.Request) -> web.StreamResponse:
    """`GET /kitchen`."""
    return _file("kitchen.html", _HTML)


async def staff(_request: web.Request) -> web.StreamResponse:
    """`GET /staff`."""
    return _file("staff.html", _HTML)


async def balance(_request: web.Request) -> web.StreamResponse:
    """`GET /balance`; the code that opens one stands behind the `#`."""
    return _file("balance.html", _HTML)


async def asset(request: web.Request) -> web.StreamResponse:
    """`GET /assets/…`; names carry a hash of the content."""
    return _file(f"assets/{request.match_info['name']}", _FOR_EVER)


async def favicon(_request: web.Request) -> web.StreamResponse:
    """`GET /favicon.svg`."""
    return _file("favicon.svg", _HTML)


def _file(name: str, headers: dict[str, str]) -> web.StreamResponse:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        missing = "The pages are not built; run `make pages`." if not STATIC.exists() else None
        raise Refused(refuse("not_found", missing))
    return web.FileResponse(path, headers=headers)
