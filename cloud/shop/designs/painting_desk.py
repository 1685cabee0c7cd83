"""`/designs/{id}/preview`, `/finalize` and the pictures: what guests see of what they design (seed 004).

A quick preview is answered at once, from the cache where exactly this design was painted before: `X-Cache`
says `hit` or `miss`, the address of the picture is made of its bytes and never changes. A high preview is a
job; its end comes over `render_socket.py` or by asking. Finalizing hands the design over, once: from then
on it stays as it is.
"""

import asyncio
import hashlib

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.owners.gate import identity
from cloud.shop.designs.desk import DesignAnswer, Version, checked, found, shown
from cloud.shop.designs.painters import Painters
from cloud.store import venues
from cloud.store.shop import designs, pictures, products, renders
from cloud.store.shop.designs import DesignRow
from cloud.store.shop.pictures import PreviewRow
from cloud.store.shop.renders import RenderRow
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.design.layout import layout
from protocol.design.parameters import Parameters, canonical, crc32_of, is_empty
from protocol.design.templates import TEMPLATES
from protocol.drawing.commissions import QUICK_PX, Painted, PaintPreview
from protocol.drawing.faces import typefaces
from protocol.errors import Refused, refuse
from protocol.http import Route

_FOR_EVER = "public, max-age=31536000, immutable"


class PreviewWanted(msgspec.Struct, frozen=True):
    """What to paint: the design as it is kept, or as these parameters would have it."""

    parameters: Parameters | None = None


class PreviewAnswer(msgspec.Struct, frozen=True):
    """A quick preview by its address, or a high one by its job."""

    preview_url: str | None = None
    cache: str | None = None
    job_id: str | None = None


class Finalize(msgspec.Struct, frozen=True):
    """Hand over the draft that was last seen at `version`."""

    version: Version


class RenderAnswer(msgspec.Struct, frozen=True):
    """How a render stands: queued, processing, completed or failed; `progress` from 0 to 100."""

    job_id: str
    design_id: str
    kind: str
    status: str
    progress: int
    image_url: str | None
    failure_reason: str | None


_ERRORS = ("unauthenticated", "unknown_design", "rate_limited")
_PAINTING = ("picture_missing", "text_too_long", "text_not_printable", "painter_busy")
PREVIEW = Route(
    method="POST",
    path="/designs/{design_id}/preview",
    summary="A quick preview, or with quality=high a job that paints a better one.",
    request=PreviewWanted,
    response=PreviewAnswer,
    also=(202,),
    auth="guest",
    errors=(*_ERRORS, *_PAINTING, "design_final"),
    filters=("quality",),
)
FINALIZE = Route(
    method="POST",
    path="/designs/{design_id}/finalize",
    summary="Hand the design over; its final picture is painted.",
    request=Finalize,
    response=DesignAnswer,
    status=202,
    auth="guest",
    errors=(*_ERRORS, *_PAINTING, "variant_unavailable", "design_conflict", "design_empty"),
)
JOB = Route(
    method="GET",
    path="/designs/{design_id}/jobs/{job_id}",
    summary="How a render of a design stands.",
    response=RenderAnswer,
    auth="guest",
    errors=(*_ERRORS, "unknown_job"),
)
IMAGE = Route(
    method="GET",
    path="/designs/{design_id}/jobs/{job_id}/image",
    summary="The picture that a render has made.",
    media="*/*",
    auth="guest",
    errors=(*_ERRORS, "unknown_job", "not_ready"),
)
FINAL = Route(
    method="GET",
    path="/designs/{design_id}/final",
    summary="The final picture of a design, as it is printed.",
    media="image/png",
    auth="guest",
    errors=(*_ERRORS, "not_ready"),
)
PREVIEW_IMAGE = Route(
    method="GET",
    path="/previews/{venue_id}/{name}",
    summary="A quick preview; whoever has its address may see it.",
    media="image/jpeg",
    also=(304,),
    errors=("unknown_picture", "rate_limited"),
)

_wanted = msgspec.json.Decoder(PreviewWanted)
_finalize = msgspec.json.Decoder(Finalize)
_PROGRESS = {"queued": 0, "processing": 50, "completed": 100, "failed": 100}


def render_shown(render: RenderRow) -> RenderAnswer:
    """A render as its guest sees it."""
    address = f"/designs/{render.design_id}/jobs/{render.render_id}/image" if render.image else None
    return RenderAnswer(
        render.render_id,
        render.design_id,
        render.kind,
        render.status,
        _PROGRESS[render.status],
        address,
        render.failure_reason,
    )


class PaintingDesk:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool, blobs: Blobs, painters: Painters) -> None:
        self._config = config
        self._pool = pool
        self._blobs = blobs
        self._painters = painters

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((PREVIEW, self.preview), (FINALIZE, self.finalize), (JOB, self.job), (IMAGE, self.image)),
            *((FINAL, self.final), (PREVIEW_IMAGE, self.preview_image)),
        ]

    async def preview(self, request: web.Request) -> web.Response:
        """`POST /designs/{design_id}/preview`."""
        design = await found(request, self._config, self._pool)
        body = await body_of(request, _wanted)
        parameters = checked(body.parameters or design.parameters, design.template)
        if request.query.get("quality") == "high":
            return await self._high(design, parameters)
        await limits.check(self._pool, limits.PREVIEWS_BY_GUEST, design.guest_digest)
        spelled = canonical(design.template, parameters)
        crc32, text = crc32_of(spelled), spelled.decode()
        kept = await pictures.preview(self._pool, design.venue_id, crc32, text)
        cache = "hit" if kept else "miss"
        if kept is None:
            kept = await self._quick(design, parameters)
            await pictures.keep_preview(self._pool, design.venue_id, crc32, text, kept)
        if parameters == design.parameters:
            await designs.previewed(self._pool, design, kept.name)
        response = answer(PreviewAnswer(f"/previews/{design.venue_id}/{kept.name}", cache))
        response.headers.update({"X-Cache": cache, "X-CRC32": f"{crc32:08x}", "ETag": f'"{kept.name}"'})
        return response

    async def _quick(self, design: DesignRow, parameters: Parameters) -> PreviewRow:
        picture = await self._picture(design, parameters)
        body, size_px = picture or (None, None)
        asked = PaintPreview(design.template, parameters, QUICK_PX, body, size_px)
        painted = await self._painters.ask(asked)
        assert isinstance(painted, Painted)
        return PreviewRow(hashlib.sha256(painted.body).hexdigest(), painted.body)

    async def _picture(
        self, design: DesignRow, parameters: Parameters
    ) -> tuple[bytes, tuple[int, int]] | None:
        if parameters.picture is None:
            return None
        blob = parameters.picture.blob
        row = await pictures.find(self._pool, design.venue_id, blob)
        async with self._pool.acquire() as connection:
            venue = await venues.find(connection, design.venue_id)
        if row is None or venue is None:
            raise Refused(refuse("picture_missing"))
        try:
            body = await self._blobs.read(pictures.key_of(venue.organisation_id, design.venue_id, blob))
        except NoSuchBlob as error:
            raise Refused(refuse("picture_missing")) from error
        return body, (row.width_px, row.height_px)

    async def _high(self, design: DesignRow, parameters: Parameters) -> web.Response:
        await limits.check(self._pool, limits.RENDERS_BY_GUEST, design.guest_digest)
        await self._check(design, parameters)
        async with self._pool.acquire() as connection, connection.transaction():
            job_id = await renders.high_preview(
                connection, design.venue_id, design.design_id, design.template, parameters
            )
        return answer(PreviewAnswer(job_id=job_id), 202)

    async def _check(self, design: DesignRow, parameters: Parameters) -> None:
        """What a painter would refuse is refused before a job is made of it."""
        if parameters.picture is not None:
            row = await pictures.find(self._pool, design.venue_id, parameters.picture.blob)
            if row is None:
                raise Refused(refuse("picture_missing"))
        # Faces are read from disk when they are first needed.
        await asyncio.to_thread(layout, TEMPLATES[design.template], parameters, typefaces())

    async def finalize(self, request: web.Request) -> web.Response:
        """`POST /designs/{design_id}/finalize`; again changes nothing."""
        design = await found(request, self._config, self._pool)
        body = await body_of(request, _finalize)
        if design.status == "draft":
            if body.version != design.version:
                raise Refused(refuse("design_conflict", detail={"version": design.version}))
            if is_empty(design.parameters):
                raise Refused(refuse("design_empty"))
            await self._check(design, design.parameters)
        async with self._pool.acquire() as connection, connection.transaction():
            held = await designs.by_id(connection, design.venue_id, design.design_id)
            if held is not None and held.status == "draft" and held.version != body.version:
                raise Refused(refuse("design_conflict", detail={"version": held.version}))
            frozen = await designs.frozen(connection, design.venue_id, design.design_id)
            if held is not None and held.status == "draft" and not (frozen and frozen.available):
                raise Refused(refuse("variant_unavailable"))
            await designs.finalized(connection, design.venue_id, design.design_id)
        now = await designs.find(self._pool, design.design_id, design.guest_digest)
        names = await products.names(self._pool, design.venue_id)
        return answer(shown(now or design, names), 202)

    async def job(self, request: web.Request) -> web.Response:
        """`GET /designs/{design_id}/jobs/{job_id}`."""
        return answer(render_shown(await self._render(request)))

    async def image(self, request: web.Request) -> web.StreamResponse:
        """`GET /designs/{design_id}/jobs/{job_id}/image`."""
        render = await self._render(request)
        media = "image/png" if render.kind == "final" else "image/jpeg"
        return await self._file(request, render.image, f"{render.design_id}.{media[6:]}", media)

    async def final(self, request: web.Request) -> web.StreamResponse:
        """`GET /designs/{design_id}/final`."""
        design = await found(request, self._config, self._pool)
        return await self._file(request, design.final_image, f"{design.design_id}.png", "image/png")

    async def _file(self, request: web.Request, key: str | None, name: str, media: str) -> web.StreamResponse:
        if key is None:
            raise Refused(refuse("not_ready"))
        try:
            return await self._blobs.serve(request, key, name, media, inline=True)
        except NoSuchBlob as error:
            raise Refused(refuse("not_ready")) from error

    async def _render(self, request: web.Request) -> RenderRow:
        design = await found(request, self._config, self._pool)
        job_id = identity(request.match_info["job_id"], "unknown_job")
        render = await renders.find(self._pool, design.venue_id, job_id)
        if render is None or render.design_id != design.design_id:
            raise Refused(refuse("unknown_job"))
        return render

    async def preview_image(self, request: web.Request) -> web.Response:
        """`GET /previews/{venue_id}/{name}`."""
        await limits.check(
            self._pool, limits.LOOKS_BY_ADDRESS, caller(request, behind_proxy=self._config.behind_proxy)
        )
        venue_id = identity(request.match_info["venue_id"], "unknown_picture")
        name = request.match_info["name"]
        headers = {"ETag": f'"{name}"', "Cache-Control": _FOR_EVER}
        body = await pictures.preview_named(self._pool, venue_id, name)
        if body is None:
            raise Refused(refuse("unknown_picture"))
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="image/jpeg", headers=headers)
