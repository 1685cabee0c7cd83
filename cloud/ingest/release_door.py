"""`/api/edge/release`: where boxes say how they stand with releases, hear of a later one and fetch its files.

A box proves itself by its key over what it sends, and only the box in charge of a venue is heard. What it
tells may halt the release for everybody: that is decided in the transaction that takes it in.

Counterparts: `edge/adapters/cloud/release_door.py`, `protocol/upgrade.py`, `cloud/operations/releases.py`.
"""

import re

import asyncpg
import msgspec
import structlog
from aiohttp import web

from cloud.ingest.box_proof import admitted
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.operations.releases import choose, halt_if_too_many, key_of
from cloud.store.link import releases
from cloud.web.answers import Handler, answer
from protocol import codec
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.upgrade import FILE_PATH, OFFER_PATH, SHA256, Offered, Standing, signed

TELL = Route(
    method="POST",
    path=OFFER_PATH,
    summary="Where a box stands with releases; answers with the one there is for it. Authorization: Box …",
    request=Standing,
    response=Offered,
    errors=("unauthenticated", "invalid"),
)
FILE = Route(
    method="GET",
    path=FILE_PATH,
    summary="A file of a release by its SHA-256, from the byte that `Range: bytes=N-` names.",
    also=(206, 416),
    errors=("unauthenticated", "not_found"),
    media="application/octet-stream",
)
_RANGE = re.compile(r"bytes=([0-9]{1,12})-", re.ASCII)
_decoder = msgspec.json.Decoder(Standing)

log = structlog.get_logger()


class ReleaseDoor:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, blobs: Blobs) -> None:
        self._pool = pool
        self._blobs = blobs

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(TELL, self.tell), (FILE, self.file)]

    async def tell(self, request: web.Request) -> web.Response:
        """`POST /api/edge/release`."""
        raw = await request.read()
        venue_id = await admitted(self._pool, request, raw, signed)
        standing = codec.decode(_decoder, raw)
        async with self._pool.acquire() as connection, connection.transaction():
            if await releases.tell(connection, venue_id, standing):
                log.warning("release_taken_back", venue_id=venue_id, version=standing.version)
                ring = await halt_if_too_many(connection, standing.version)
                if ring is not None:
                    log.error("release_halted", version=ring.version, ring=ring.ring)
            open_to = await releases.open_to(connection, venue_id, standing.machine)
        return answer(Offered(choose(open_to, standing.running)))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """`GET /api/edge/release/files/{sha256}`."""
        sha256 = request.match_info["sha256"]
        await admitted(self._pool, request, sha256.encode(), signed)
        if not SHA256.fullmatch(sha256):
            raise Refused(refuse("not_found"))
        begins = _RANGE.fullmatch(request.headers.get("Range", ""))
        try:
            return await self._send(request, key_of(sha256), int(begins[1]) if begins else None)
        except NoSuchBlob:
            raise Refused(refuse("not_found")) from None

    async def _send(self, request: web.Request, key: str, begins: int | None) -> web.StreamResponse:
        """The whole, or what comes from `begins` on (RFC 9110 §14)."""
        size = await self._blobs.size(key)
        if begins is not None and begins >= size:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = web.StreamResponse(status=200 if begins is None else 206)
        response.content_type = "application/octet-stream"
        response.content_length = size - (begins or 0)
        response.headers["Accept-Ranges"] = "bytes"
        if begins is not None:
            response.headers["Content-Range"] = f"bytes {begins}-{size - 1}/{size}"
        await response.prepare(request)
        async for chunk in self._blobs.stream(key, begins or 0):
            await response.write(chunk)
        await response.write_eof()
        return response
