"""`/api/edge/dishes/{blob}`: where boxes fetch the pictures that their menus name, each by its SHA-256.

The box in charge proves itself as at the door for pictures (`picture_door.py`). It may ask for the rest of a
file with `Range: bytes=N-`, so that a line that is cut costs nothing that has come. Counterpart:
`edge/adapters/cloud/dish_fetcher.py`.
"""

import re

import asyncpg
from aiohttp import web

from cloud.ingest.picture_door import box_of
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.menu.pictures import key_of
from cloud.store import venues
from cloud.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.pictures import DISHES

_REST = re.compile(r"bytes=([0-9]{1,9})-", re.ASCII)

DISH = Route(
    method="GET",
    path=DISHES,
    summary="A dish's picture, or the rest of it. Authorization: Box VENUE.NODE.SIGNATURE.",
    media="image/jpeg",
    also=(206,),
    errors=("unauthenticated", "unknown_picture"),
)


class DishDoor:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, blobs: Blobs) -> None:
        self._pool = pool
        self._blobs = blobs

    def routes(self) -> list[tuple[Route, Handler]]:
        """The address and its handler."""
        return [(DISH, self.dish)]

    async def dish(self, request: web.Request) -> web.Response:
        """Refuses with `unauthenticated` or `unknown_picture`."""
        venue_id, blob = await box_of(self._pool, request)
        async with self._pool.acquire() as connection:
            venue = await venues.find(connection, venue_id)
        try:
            body = await self._blobs.read(key_of(venue.organisation_id if venue else "nobody", blob))
        except NoSuchBlob as error:
            raise Refused(refuse("unknown_picture")) from error
        rest = _REST.fullmatch(request.headers.get("Range", ""))
        begins = int(rest[1]) if rest else 0
        if not 0 < begins < len(body):
            return web.Response(body=body, content_type="image/jpeg")
        headers = {"Content-Range": f"bytes {begins}-{len(body) - 1}/{len(body)}"}
        return web.Response(status=206, body=body[begins:], content_type="image/jpeg", headers=headers)
