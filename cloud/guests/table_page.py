"""`/v/{venue_id}/t/{code}`: the table's page for a phone that is not on the venue's Wi-Fi.

It shows the published menu, what was sold out when the venue was last heard of, and honestly whether the
venue is reached at all. Nothing is decided here: sitting down and ordering go by way of `desk.py`, and the
box says what becomes of it. Pictures of dishes are here as on the box (`edge/web/guests/dish_desk.py`):
whoever knows a picture's name, which is made of its bytes, may see it.
"""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.guests.desk import venue_of
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.menu.pictures import key_of
from cloud.owners.pages import STATIC
from cloud.store.link import far_tables, streams
from cloud.web import limits
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.facts.menu import Menu, book_of
from protocol.facts.venue import VenueConfig
from protocol.far_table import FarTable
from protocol.http import Route
from protocol.menu_message import MenuMessage, Offer, menu_message
from protocol.pictures import is_name
from protocol.serving_hours import served_at

_FILE = STATIC / "table.html"

PAGE = Route(
    method="GET",
    path="/v/{venue_id}/t/{code}",
    summary="A table's page for phones that are not on the venue's network.",
    media="text/html",
    errors=("pages_not_built",),
)
MENU = Route(
    method="GET",
    path="/v/{venue_id}/menu",
    summary="The published menu, with what was sold out when the venue was last heard of.",
    response=MenuMessage,
    errors=("unknown_venue", "not_configured", "rate_limited"),
)
DISH = Route(
    method="GET",
    path="/v/{venue_id}/dishes/{blob}",
    summary="A dish's picture; the menu names it.",
    media="image/jpeg",
    errors=("unknown_venue", "unknown_picture", "rate_limited"),
)
TABLE = Route(
    method="GET",
    path="/v/{venue_id}/tables/{code}",
    summary="A table by its code, and whether its venue is reached now.",
    response=FarTable,
    errors=("unknown_venue", "unknown_table", "not_configured", "rate_limited"),
)

#: What a dish's picture is called is made of its bytes.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
#: Venues may want to know where a phone is, and this page asks it (`docs/conflicts.md`).
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}

_config = msgspec.json.Decoder(VenueConfig)
_menu = msgspec.json.Decoder(Menu)


class TablePage:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool, blobs: Blobs) -> None:
        self._config = config
        self._pool = pool
        self._blobs = blobs

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(PAGE, self.page), (MENU, self.menu), (DISH, self.dish), (TABLE, self.table)]

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """`GET /v/{venue_id}/t/{code}`."""
        if not await asyncio.to_thread(_FILE.is_file):
            raise Refused(refuse("pages_not_built"))
        return web.FileResponse(_FILE, headers=_PAGE_HEADERS)

    async def menu(self, request: web.Request) -> web.Response:
        """`GET /v/{venue_id}/menu`."""
        venue = await venue_of(self._config, self._pool, request, limits.LOOKS_BY_ADDRESS)
        async with self._pool.acquire() as connection:
            config = await _configured(connection, venue.venue_id)
            body = await streams.latest(connection, venue.venue_id, "menu")
            out = await far_tables.sold_out(connection, venue.venue_id)
        if body is None:
            raise Refused(refuse("not_configured"))
        menu = _menu.decode(body)
        local = datetime.now(ZoneInfo(config.timezone))
        not_now = frozenset(item.id for item in menu.items if not served_at(item.hours, local))
        return answer(menu_message(book_of(menu), Offer(out, not_now), config))

    async def dish(self, request: web.Request) -> web.Response:
        """`GET /v/{venue_id}/dishes/{blob}`."""
        venue = await venue_of(self._config, self._pool, request, limits.DISHES_BY_ADDRESS)
        blob = request.match_info["blob"]
        if not is_name(blob):
            raise Refused(refuse("unknown_picture"))
        try:
            body = await self._blobs.read(key_of(venue.organisation_id, blob))
        except NoSuchBlob as error:
            raise Refused(refuse("unknown_picture")) from error
        return web.Response(body=body, content_type="image/jpeg", headers=_FOR_EVER)

    async def table(self, request: web.Request) -> web.Response:
        """`GET /v/{venue_id}/tables/{code}`."""
        venue = await venue_of(self._config, self._pool, request, limits.LOOKS_BY_ADDRESS)
        async with self._pool.acquire() as connection:
            config = await _configured(connection, venue.venue_id)
            reach = await far_tables.reach(connection, venue.venue_id)
        code = request.match_info["code"]
        table = next((each for each in config.tables if each.code == code), None)
        if table is None:
            raise Refused(refuse("unknown_table"))
        policy = config.location.policy
        silent_s = None if reach.silent_s is None else max(0, round(reach.silent_s))
        return answer(FarTable(config.name, table.name, reach.reached, silent_s, policy))


async def _configured(connection: asyncpg.Connection, venue_id: str) -> VenueConfig:
    body = await streams.latest(connection, venue_id, "config")
    if body is None:
        raise Refused(refuse("not_configured"))
    return _config.decode(body)
