"""M10: quick previews of the shop beside bare Pillow doing the same picture; final pictures a minute and
core.

Hits and misses are what a guest waits for over HTTP, from the cloud on a Postgres of its own, with a
picture on the design. The limit paints the same draw list in this process with nothing around it: no HTTP,
no other process, no cache, nothing kept. Final pictures are painted as the worker does, by a process for
each; the limit is Pillow alone. A job waits between being asked for and being begun; the limit is a line
before as many painters, each Pillow alone.
"""

import asyncio
import io
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
from PIL import Image

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.shop.designs.rendering import RENDER
from cloud.store.embedded_postgres import EmbeddedPostgres
from protocol.design.layout import Draw, layout
from protocol.design.parameters import Parameters, PlacedPicture, PlacedText
from protocol.design.templates import TEMPLATES
from protocol.drawing import painter
from protocol.drawing.bench import Bench
from protocol.drawing.commissions import HIGH_PX, QUICK_PX, PaintFinal, Taken
from protocol.drawing.faces import typefaces
from protocol.drawing.taking import take
from tests.bench.rows import Row
from tests.integration.jobs.conftest import until
from tests.integration.shop.guest import Guest

_TIMES = 100
_FINALS = 12
_BURST = 20
_MUG = TEMPLATES["mug"]


def _photo() -> Taken:
    """What a phone's camera takes, as it is kept."""
    image = Image.effect_mandelbrot((2400, 1800), (-2.0, -1.2, 1.0, 1.2), 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return take(out.getvalue())


def _looks(photo: Taken, number: int) -> Parameters:
    placed = PlacedPicture(photo.blob, rotation_deg=10)
    return Parameters(placed, PlacedText(f"Ahoy number {number}", "hand", "#ffffff", size_um=24_000))


def _drawn(photo: Taken, number: int) -> tuple[Draw, ...]:
    return layout(_MUG, _looks(photo, number), typefaces(), (photo.width_px, photo.height_px))


def _spread(times_s: list[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    ordered = sorted(times_s)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


async def measure() -> list[Row]:
    """Previews, finals, and how long a job waits."""
    photo = await asyncio.to_thread(_photo)
    bare = await asyncio.to_thread(_bare, photo, QUICK_PX, _TIMES)
    high = await asyncio.to_thread(_bare, photo, HIGH_PX, _FINALS)
    # Whoever is in line waits for those before: in this limit Pillow alone paints as many at once as we do.
    queued = _spread([place // RENDER.at_once * high[0] for place in range(_BURST)])
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as directory:
        postgres = EmbeddedPostgres(Path(directory) / "postgres")
        await asyncio.to_thread(postgres.start)
        try:
            config = Config(port=0, data=Path(directory) / "cloud")
            async with serving(config, postgres.url) as cloud, aiohttp.ClientSession() as http:
                miss, hit, waits = await _at(cloud, http, photo)
        finally:
            await asyncio.to_thread(postgres.stop)
    rows = [
        Row.latency("M10 quick preview, miss, p50", miss[0], bare[0], "p99 under 2 s"),
        Row.latency("M10 quick preview, miss, p99", miss[1], bare[1], "under 2 s"),
        Row.latency("M10 quick preview, hit, p50", hit[0], bare[0]),
        Row.latency("M10 quick preview, hit, p99", hit[1], bare[1]),
        Row.latency(f"M10 render job of {_BURST} at once waits, p50", waits[0], queued[0]),
        Row.latency(f"M10 render job of {_BURST} at once waits, p99", waits[1], queued[1]),
    ]
    return [*rows, await asyncio.to_thread(_finals, photo)]


def _bare(photo: Taken, longest_px: int, count: int) -> tuple[float, float]:
    times = []
    for number in range(count):
        drawn = _drawn(photo, number)
        begun = time.perf_counter()
        painter.preview(_MUG, drawn, _MUG.dpi_within(longest_px), {photo.blob: photo.body})
        times.append(time.perf_counter() - begun)
    return _spread(times)


async def _at(
    cloud: Serving, http: aiohttp.ClientSession, photo: Taken
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    await founding.create_owner(cloud.pool, "bench@example.com", "correct horse")
    file = venue_file.load(sample("venue.json"))
    venue = await founding.create_venue(cloud.pool, "bench@example.com", None, file)
    guest = Guest(http, cloud.url, venue.venue_id, "b" * 43)
    blob = str((await guest.upload(photo.body)).body["blob"])
    kept = msgspec.structs.replace(photo, blob=blob)
    design_id = await guest.begin(_looks(kept, 0))

    async def preview(number: int) -> None:
        await cloud.pool.execute("DELETE FROM attempts")  # nobody is slowed down here
        found = await guest.preview(design_id, _looks(kept, number))
        assert found.status == 200, found.body

    miss = _spread([await _timed(preview, number) for number in range(_TIMES)])
    hit = _spread([await _timed(preview, number) for number in range(_TIMES)])
    for number in range(_BURST):
        await cloud.pool.execute("DELETE FROM attempts")
        await guest.preview(design_id, _looks(kept, number), "high")
    done = "SELECT count(*) FROM render_jobs WHERE status = 'completed'"

    async def all_painted() -> bool:
        return bool(await cloud.pool.fetchval(done) == _BURST)

    await until(all_painted, 120)
    waits = await cloud.pool.fetch(
        "SELECT extract(epoch FROM started_at - queued_at)::float8 AS s FROM render_jobs"
    )
    return miss, hit, _spread([row["s"] for row in waits])


async def _timed(work: Callable[[int], Awaitable[None]], number: int) -> float:
    begun = time.perf_counter()
    await work(number)
    return time.perf_counter() - begun


def _finals(photo: Taken) -> Row:
    begun = time.perf_counter()
    for number in range(_FINALS):
        painter.final(_MUG, _drawn(photo, number), {photo.blob: photo.body})
    bare_s = time.perf_counter() - begun
    begun = time.perf_counter()
    for number in range(_FINALS):
        bench = Bench()
        size_px = (photo.width_px, photo.height_px)
        bench.paint(PaintFinal("mug", _looks(photo, number), photo.body, size_px))
        bench.rest()
    ours_s = time.perf_counter() - begun
    a_minute = 60 * _FINALS
    return Row.ratio("M10 final pictures", a_minute / ours_s, a_minute / bare_s, "a minute, core")
