"""`/api/edge/pictures/{blob}`: where boxes leave the pictures of designs that were made at their tables, and
where a box that took a venue over gets them. A box that was replaced still brings what it has, and is told
how much of that has come; a picture is for the box in charge.

A picture is whole when its bytes have the name that it was announced under and a decoder agrees that it is
one. Then the designs that wait for it are rendered. Counterparts: `edge/adapters/cloud/picture_courier.py`,
`protocol/pictures.py`.
"""

import hashlib
import re

import asyncpg
import structlog
from aiohttp import web

from cloud.ingest import box_proof
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.shop.designs.painters import Painters
from cloud.store import venues
from cloud.store.shop import pictures, renders
from cloud.store.shop.pictures import PictureRow
from cloud.web.answers import Handler, answer
from protocol.drawing.commissions import MOST_BYTES, PictureTaken, TakePicture
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.pictures import FILE, PATH, PIECE_BYTES, SIZE_HEADER, PictureState, is_name, signed

log = structlog.get_logger()

_ERRORS = ("unauthenticated", "unknown_picture")
STATE = Route(
    method="GET",
    path=PATH,
    summary="How much of a picture is here. Authorization: Box VENUE.NODE.SIGNATURE.",
    response=PictureState,
    errors=_ERRORS,
)
PIECE = Route(
    method="PUT",
    path=PATH,
    summary="The next piece of a picture, as the body; `begins` is its place.",
    response=PictureState,
    query=("begins", "bytes"),
    errors=(*_ERRORS, "invalid", "picture_too_large", "picture_unreadable", "painter_busy"),
)
FILE_OF = Route(
    method="GET",
    path=FILE,
    summary="A picture of the venue, for its box. Authorization as above.",
    media="image/*",
    errors=_ERRORS,
)
_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


class PictureDoor:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, blobs: Blobs, painters: Painters) -> None:
        self._pool = pool
        self._blobs = blobs
        self._painters = painters

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(STATE, self.state), (PIECE, self.piece), (FILE_OF, self.file)]

    async def state(self, request: web.Request) -> web.Response:
        """`GET /api/edge/pictures/{blob}`."""
        venue_id, blob = await former_box_of(self._pool, request)
        if await pictures.find(self._pool, venue_id, blob) is not None:
            return answer(PictureState(0, whole=True))
        return answer(PictureState(await pictures.received(self._pool, venue_id, blob), whole=False))

    async def piece(self, request: web.Request) -> web.Response:
        """`PUT /api/edge/pictures/{blob}?begins=&bytes=`."""
        venue_id, blob = await former_box_of(self._pool, request)
        begins, total = _number(request, "begins"), _number(request, "bytes")
        if total > MOST_BYTES or begins > total:
            raise Refused(refuse("picture_too_large"))
        # One byte more than there may be shows that there is too much.
        body = await _at_most(request, PIECE_BYTES + 1)
        if not 0 < len(body) <= PIECE_BYTES or begins + len(body) > total:
            raise Refused(refuse("invalid", f"A piece has 1 to {PIECE_BYTES} bytes."))
        if await pictures.find(self._pool, venue_id, blob) is not None:
            return answer(PictureState(total, whole=True))
        here = await pictures.add_piece(self._pool, venue_id, blob, begins, body)
        if here < total:
            return answer(PictureState(here, whole=False))
        await self._finish(venue_id, blob)
        return answer(PictureState(total, whole=True))

    async def file(self, request: web.Request) -> web.Response:
        """`GET /api/edge/pictures/{blob}/file`."""
        venue_id, blob = await box_of(self._pool, request)
        row = await pictures.find(self._pool, venue_id, blob)
        async with self._pool.acquire() as connection:
            venue = await venues.find(connection, venue_id)
        if row is None or venue is None:
            raise Refused(refuse("unknown_picture"))
        key = pictures.key_of(venue.organisation_id, venue_id, blob)
        try:
            body = await self._blobs.read(key)
        except NoSuchBlob as error:
            raise Refused(refuse("unknown_picture")) from error
        headers = {SIZE_HEADER: f"{row.width_px}x{row.height_px}"}
        return web.Response(body=body, content_type=row.media, headers=headers)

    async def _finish(self, venue_id: str, blob: str) -> None:
        body = await pictures.pieces(self._pool, venue_id, blob)
        if hashlib.sha256(body).hexdigest() != blob:
            await pictures.drop_pieces(self._pool, venue_id, blob)
            raise Refused(refuse("invalid", "These are not the bytes of that picture; send it again."))
        try:
            taken = await self._painters.ask(TakePicture(body))
        except Refused as error:
            if error.refusal.code != "painter_busy":
                await pictures.drop_pieces(self._pool, venue_id, blob)
            raise
        assert isinstance(taken, PictureTaken)
        looks = taken.picture
        async with self._pool.acquire() as connection:
            venue = await venues.find(connection, venue_id)
        assert venue is not None
        await self._blobs.put(pictures.key_of(venue.organisation_id, venue_id, blob), body)
        row = PictureRow(blob, looks.media, looks.width_px, looks.height_px, len(body))
        await pictures.add(self._pool, venue_id, row)
        for design_id in await renders.waiting_for(self._pool, venue_id, blob):
            async with self._pool.acquire() as connection, connection.transaction():
                await renders.final(connection, venue_id, design_id)
        log.info("picture_arrived", venue_id=venue_id, blob=blob, bytes=len(body))


async def box_of(pool: asyncpg.Pool, request: web.Request) -> tuple[str, str]:
    """Venue and picture, if the box in charge of that venue asks. Raises `Refused`."""
    blob = request.match_info["blob"]
    return await box_proof.admitted(pool, request, blob.encode(), _signed), _named(blob)


async def former_box_of(pool: asyncpg.Pool, request: web.Request) -> tuple[str, str]:
    """The same for a box that is or was in charge. Raises `Refused`."""
    blob = request.match_info["blob"]
    return await box_proof.brought(pool, request, blob.encode(), _signed), _named(blob)


def _signed(venue_id: str, node_id: str, blob: bytes) -> bytes:
    return signed(venue_id, node_id, blob.decode())


def _named(blob: str) -> str:
    if not is_name(blob):
        raise Refused(refuse("unknown_picture"))
    return blob


async def _at_most(request: web.Request, most: int) -> bytes:
    """The beginning of a body."""
    got = bytearray()
    while len(got) < most and (chunk := await request.content.read(most - len(got))):
        got += chunk
    return bytes(got)


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise Refused(refuse("invalid", f"{name} is a number."))
    return int(text)
