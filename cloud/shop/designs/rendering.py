"""Pictures painted as jobs: the final one of a design, and high previews (seed 004 §2, §3).

A render is begun in `render_jobs`, painted in a process of its own, put into the blob store and only then
written down as completed, with the design, in one transaction. A worker that is killed anywhere before has
done nothing that counts: the job machinery starts the job again, and painting the same parameters gives the
same picture under the same key. That there is one final picture and never two is held by Postgres.
"""

import asyncio
import hashlib

import asyncpg

from cloud.jobs.blobs import NoSuchBlob
from cloud.jobs.registry import Hopeless, Kind, Nothing, Work
from cloud.store.shop import pictures, renders
from cloud.store.shop.pictures import PreviewRow
from cloud.store.shop.renders import Render, RenderRow
from protocol.design.parameters import canonical, crc32_of
from protocol.drawing.bench import Bench, PainterDied
from protocol.drawing.commissions import HIGH_PX, PaintFinal, PaintPreview
from protocol.errors import Refused

_PREVIEW_DAYS = 7
_MOST_PREVIEWS = 20_000
_MOST_LEFT_LYING = 500


class NotPainted(Exception):
    """It did not work this time."""


async def _render(work: Work, what: Render) -> None:
    begun = await renders.begin(work.pool, what.venue_id, what.render_id, work.attempt)
    if begun is None:
        return
    try:
        body = await asyncio.to_thread(_painted, begun, await _picture(work, begun))
    except (PainterDied, NoSuchBlob) as error:
        reason = f"{type(error).__name__}: {error}"
        async with work.pool.acquire() as connection, connection.transaction():
            await renders.fail(connection, what.venue_id, what.render_id, reason, for_good=False)
        raise NotPainted(reason) from error
    except Refused as error:
        raise Hopeless(error.refusal.message) from error
    extension = "png" if begun.kind == "final" else "jpg"
    key = f"{begun.organisation_id}/renders/{begun.venue_id}/{begun.render_id}.{extension}"
    await work.blobs.put(key, body)
    name = await _shown(work, begun, body) if begun.kind == "preview" else None
    await renders.complete(work.pool, begun, key, name)


async def _shown(work: Work, render: RenderRow, body: bytes) -> str:
    """Put a high preview where quick ones lie, so that `preview_image_url` can lead there; its name."""
    made = PreviewRow(hashlib.sha256(body).hexdigest(), body)
    spelled = canonical(render.template, render.parameters) + b" high"  # found by its name alone
    await pictures.keep_preview(work.pool, render.venue_id, crc32_of(spelled), spelled.decode(), made)
    return made.name


async def _picture(work: Work, render: RenderRow) -> tuple[bytes, tuple[int, int]] | None:
    placed = render.parameters.picture
    if placed is None:
        return None
    row = await pictures.find(work.pool, render.venue_id, placed.blob)
    if row is None:
        raise NoSuchBlob(placed.blob)
    body = await work.blobs.read(pictures.key_of(render.organisation_id, render.venue_id, placed.blob))
    return body, (row.width_px, row.height_px)


def _painted(render: RenderRow, picture: tuple[bytes, tuple[int, int]] | None) -> bytes:
    """A process for this picture alone: it ends with it, and with whatever it held."""
    body, size_px = picture or (None, None)
    bench = Bench()
    try:
        if render.kind == "final":
            return bench.paint(PaintFinal(render.template, render.parameters, body, size_px))
        return bench.paint(PaintPreview(render.template, render.parameters, HIGH_PX, body, size_px))
    finally:
        bench.rest()


async def _gave_up(connection: asyncpg.Connection, _work: Work, what: Render, reason: str) -> None:
    await renders.fail(connection, what.venue_id, what.render_id, reason, for_good=True)


RENDER = Kind(
    name=renders.KIND,
    body=Render,
    do=_render,
    gave_up=_gave_up,
    attempts=renders.MOST_ATTEMPTS,
    first_delay_s=5.0,
    longest_run_s=300.0,
    at_once=4,
)


async def _sweep(work: Work, _nothing: Nothing) -> None:
    """Designs of tables become renders once their pictures are here; old previews go."""
    for venue_id, design_id in await renders.left_lying(work.pool, _MOST_LEFT_LYING):
        async with work.pool.acquire() as connection, connection.transaction():
            await renders.final(connection, venue_id, design_id)
    await pictures.forget_previews(work.pool, _PREVIEW_DAYS, _MOST_PREVIEWS)
    for key in await renders.forget_old(work.pool, _PREVIEW_DAYS):
        await work.blobs.forget(key)


SWEEP = Kind(name="renders-left-lying", body=Nothing, do=_sweep, attempts=1)
