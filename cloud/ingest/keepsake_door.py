"""`/api/edge/keepsake`: where a box leaves, sealed, what the next box of its venue needs.

Counterparts: `edge/adapters/cloud/keepsake_door.py`, `protocol/keepsake.py`.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.ingest.box_proof import admitted
from cloud.store.link import keepsakes
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.keepsake import ASKING, MOST_BYTES, PATH, signed


class Kept(msgspec.Struct, frozen=True):
    """It is kept, so many bytes."""

    bytes: int


LEAVE = Route(
    method="PUT",
    path=PATH,
    summary="Sealed bytes for the next box of the venue, as the body. Authorization: Box …",
    response=Kept,
    errors=("unauthenticated", "too_large"),
)
FETCH = Route(
    method="GET",
    path=PATH,
    summary="What the former box left, for the box in charge. Authorization: Box …",
    errors=("unauthenticated", "not_found"),
    media="application/octet-stream",
)


class KeepsakeDoor:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LEAVE, self.leave), (FETCH, self.fetch)]

    async def leave(self, request: web.Request) -> web.Response:
        """`PUT /api/edge/keepsake`."""
        if (request.content_length or 0) > MOST_BYTES:
            raise Refused(refuse("too_large"))
        sealed = await request.read()
        venue_id = await admitted(self._pool, request, sealed, signed)
        if len(sealed) > MOST_BYTES:
            raise Refused(refuse("too_large"))
        await keepsakes.keep(self._pool, venue_id, sealed)
        return answer(Kept(len(sealed)))

    async def fetch(self, request: web.Request) -> web.Response:
        """`GET /api/edge/keepsake`."""
        venue_id = await admitted(self._pool, request, ASKING, signed)
        sealed = await keepsakes.find(self._pool, venue_id)
        if sealed is None:
            raise Refused(refuse("not_found"))
        headers = {"Cache-Control": "no-store"}
        return web.Response(body=sealed, content_type="application/octet-stream", headers=headers)
