"""`/pictures`: what guests upload. Whatever comes is decoded in a process of its own, stripped and encoded
anew.

Counterparts: `protocol/drawing/taking.py` does that; `cloud/ingest/picture_door.py` takes what boxes send.
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.gate import identity
from cloud.shop.designs.desk import venue_of
from cloud.shop.designs.guest_key import digest_of
from cloud.shop.designs.painters import Painters
from cloud.store import venues
from cloud.store.shop import pictures
from cloud.store.shop.pictures import PictureRow
from cloud.web import limits
from cloud.web.answers import Handler, answer, caller
from cloud.web.uploads import file_of
from protocol.drawing.commissions import PictureTaken, TakePicture
from protocol.errors import Refused, refuse
from protocol.http import Route

_FOR_EVER = "public, max-age=31536000, immutable"


class PictureAnswer(msgspec.Struct, frozen=True):
    """A picture as it was kept; `blob` names it in designs."""

    blob: Annotated[str, msgspec.Meta(description="SHA-256")]
    width_px: int
    height_px: int
    url: str


UPLOAD = Route(
    method="POST",
    path="/pictures",
    summary="Upload a picture: JPEG, PNG or WebP, as the body. Kept without its metadata.",
    response=PictureAnswer,
    status=201,
    auth="guest",
    query=("venue_id",),
    errors=(
        *("unauthenticated", "unknown_venue", "picture_unreadable", "picture_too_large", "painter_busy"),
        *("rate_limited", "invalid"),
    ),
)
PICTURE = Route(
    method="GET",
    path="/pictures/{venue_id}/{blob}",
    summary="A picture; whoever has its name may see it.",
    media="image/*",
    errors=("unknown_picture", "rate_limited"),
)


class PictureDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool, blobs: Blobs, painters: Painters) -> None:
        self._config = config
        self._pool = pool
        self._blobs = blobs
        self._painters = painters

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(UPLOAD, self.upload), (PICTURE, self.picture)]

    async def upload(self, request: web.Request) -> web.Response:
        """`POST /pictures?venue_id=`."""
        digest_of(request)
        venue = await venue_of(request, self._config, self._pool, request.query.get("venue_id", ""))
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limits.PICTURES_BY_ADDRESS, address)
        taken = await self._painters.ask(TakePicture(await file_of(request)))
        assert isinstance(taken, PictureTaken)
        kept = taken.picture
        key = pictures.key_of(venue.organisation_id, venue.venue_id, kept.blob)
        await self._blobs.put(key, kept.body)
        row = PictureRow(kept.blob, kept.media, kept.width_px, kept.height_px, len(kept.body))
        await pictures.add(self._pool, venue.venue_id, row)
        url = f"/pictures/{venue.venue_id}/{kept.blob}"
        return answer(PictureAnswer(kept.blob, kept.width_px, kept.height_px, url), 201)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """`GET /pictures/{venue_id}/{blob}`."""
        await limits.check(
            self._pool, limits.LOOKS_BY_ADDRESS, caller(request, behind_proxy=self._config.behind_proxy)
        )
        venue_id = identity(request.match_info["venue_id"], "unknown_picture")
        row = await pictures.find(self._pool, venue_id, request.match_info["blob"])
        async with self._pool.acquire() as connection:
            venue = await venues.find(connection, venue_id)
        if row is None or venue is None:
            raise Refused(refuse("unknown_picture"))
        try:
            body = await self._blobs.read(pictures.key_of(venue.organisation_id, venue_id, row.blob))
        except NoSuchBlob as error:
            raise Refused(refuse("unknown_picture")) from error
        return web.Response(body=body, content_type=row.media, headers={"Cache-Control": _FOR_EVER})
