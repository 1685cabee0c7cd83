"""Pictures of the shop at the table: uploads, quick previews, and the typefaces for a page's live picture.

Whatever is uploaded is decoded in a process of its own, stripped and encoded anew (`edge/studio.py`). Whoever
knows the name of a picture or a preview, which is made of its bytes, may see it.
"""

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

from edge.journal.hot import Hot
from edge.studio import Studio
from edge.web.answers import Handler, answer, body_of
from edge.web.guests.desk import session_pid_of
from edge.web.shop.desk import checked
from edge.web.throttle import Throttle
from edge.web.tokens import Tokens
from protocol.drawing import arriving
from protocol.drawing.faces import for_pages
from protocol.errors import Refused, refuse
from protocol.facts import design as designs
from protocol.facts.design import Design
from protocol.http import Route
from protocol.shop import PictureReply, PreviewBody, PreviewReply

_TABLE = ("unknown_session", "session_closed", "not_authorised")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_UPLOAD_WITHIN_S = 60
UPLOAD = Route(
    method="POST",
    path="/pictures",
    summary="Upload a picture: JPEG, PNG or WebP, as the body. Kept without its metadata.",
    response=PictureReply,
    status=201,
    query=("session_pid",),
    auth="guest",
    errors=(
        *(*_TABLE, "picture_unreadable", "picture_too_large", "pictures_full", "painter_busy"),
        *("rate_limited", "invalid"),
    ),
)
PICTURE = Route(
    method="GET",
    path="/pictures/{blob}",
    summary="A picture; whoever has its name may see it.",
    media="image/*",
    errors=("unknown_picture",),
)
PREVIEW = Route(
    method="POST",
    path="/designs/{design_id}/preview",
    summary="A quick preview, painted on the box.",
    request=PreviewBody,
    response=PreviewReply,
    auth="guest",
    errors=(
        *(*_TABLE, "unknown_design", "picture_missing", "text_too_long", "text_not_printable"),
        *("painter_busy", "rate_limited"),
    ),
)
PREVIEW_IMAGE = Route(
    method="GET",
    path="/previews/{name}",
    summary="A quick preview; whoever has its address may see it.",
    media="image/jpeg",
    errors=("unknown_picture",),
)
FACE = Route(
    method="GET",
    path="/shop/faces/{face}",
    summary="A typeface that designs are set in.",
    media="font/ttf",
    errors=("not_found",),
)
_preview = msgspec.json.Decoder(PreviewBody)


class ShopPictures:
    """The handlers and what they need."""

    def __init__(self, hot: Hot, tokens: Tokens, studio: Studio, monotonic_s: Callable[[], float]) -> None:
        self._hot = hot
        self._tokens = tokens
        self._studio = studio
        self._uploads = Throttle(20, 300.0, monotonic_s)
        self._previews = Throttle(120, 60.0, monotonic_s)

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((UPLOAD, self.upload), (PICTURE, self.picture), (PREVIEW, self.preview)),
            *((PREVIEW_IMAGE, self.preview_image), (FACE, self.face)),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """`POST /pictures?session_pid=`."""
        guest = self._tokens.guest(request, session_pid_of(request))
        member_pid = guest.member.member_pid
        self._uploads.check(member_pid)
        self._uploads.failed(member_pid)  # every upload counts, good or not
        taken = await self._studio.take(await _raw_body(request))
        return answer(
            PictureReply(taken.blob, taken.width_px, taken.height_px, f"/pictures/{taken.blob}"), 201
        )

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """`GET /pictures/{blob}`."""
        found = self._studio.shelf.find(request.match_info["blob"])
        if found is None:
            raise Refused(refuse("unknown_picture"))
        return web.FileResponse(found.path, headers={**_FOR_EVER, "Content-Type": found.media})

    async def preview(self, request: web.Request) -> web.Response:
        """`POST /designs/{design_id}/preview`."""
        body = await body_of(request, _preview)
        guest = self._tokens.guest(request, body.session_pid)
        design = self._hot.committed(designs.aggregate_of(request.match_info["design_id"]))
        if not isinstance(design, Design) or design.begun.member_pid != guest.member.member_pid:
            raise Refused(refuse("unknown_design"))
        self._previews.check(guest.member.member_pid)
        self._previews.failed(guest.member.member_pid)  # every preview counts
        template = design.begun.template
        looks = checked(body.parameters or design.parameters, template)
        name, crc32, hit = await self._studio.preview(template, looks)
        cache = "hit" if hit else "miss"
        headers = {"X-Cache": cache, "X-CRC32": f"{crc32:08x}", "ETag": f'"{name}"'}
        return answer(PreviewReply(f"/previews/{name}", cache), headers=headers)

    async def preview_image(self, request: web.Request) -> web.StreamResponse:
        """`GET /previews/{name}`."""
        path = self._studio.preview_file(request.match_info["name"])
        if path is None:
            raise Refused(refuse("unknown_picture"))
        return web.FileResponse(path, headers={**_FOR_EVER, "Content-Type": "image/jpeg"})

    async def face(self, request: web.Request) -> web.StreamResponse:
        """`GET /shop/faces/{face}`."""
        name = request.match_info["face"].removesuffix(".ttf")
        file = for_pages(name)
        if file is None:
            raise Refused(refuse("not_found"))
        return web.FileResponse(file, headers={**_FOR_EVER, "Content-Type": "font/ttf"})


async def _raw_body(request: web.Request) -> bytes:
    """All of a body that is a file. Raises `Refused`."""
    try:
        async with asyncio.timeout(_UPLOAD_WITHIN_S):
            pieces = request.content.iter_chunked(arriving.PIECE_BYTES)
            return await arriving.whole(request.content_length, pieces)
    except TimeoutError as error:
        raise Refused(refuse("invalid", "The picture did not come in time.")) from error
