"""Writes exports: a page of rows, a part in the store, the position moved; then the parts put together.

Killed anywhere, the next worker goes on at the position: a part that was stored without being counted lies
under a name of its own run and is never looked at. The file appears under its key in one step, and only what
the position has passed is in it, so nothing is there twice and nothing is left out.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec

from cloud.jobs import formats
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Hopeless, Kind, Nothing, Work
from cloud.store.bell import NEWS, tell
from cloud.store.jobs import exports
from cloud.store.jobs.export_sets import SETS, ExportSet
from cloud.store.jobs.exports import Standing
from cloud.store.tenancy import acting_for

ROWS_A_PAGE = 10_000
KEPT_DAYS = 7
_MOST_EXPIRED = 200


class Export(msgspec.Struct, frozen=True):
    """One row of `exports`."""

    export_id: str


def blob_of(organisation_id: str, export_id: str) -> str:
    """Where the file lies in the store."""
    return f"{organisation_id}/exports/{export_id}/file"


async def _write(work: Work, what: Export) -> None:
    organisation_id = work.organisation_id or ""
    while True:
        standing = await exports.begin(work.pool, organisation_id, what.export_id)
        if standing is None:
            await _forget_if_removed(work, what)
            return
        found = SETS.get(standing.what)
        if found is None:
            raise Hopeless(f"There is nothing called {standing.what!r} to export any more.")
        if standing.whole:
            break
        if not await _page(work, what, standing, found):
            return  # another worker took over and is further
        await tell(work.pool, NEWS, f"{organisation_id} exports")
        work.pause()
    await _join(work, what, standing, found)
    await tell(work.pool, NEWS, f"{organisation_id} exports")


async def _page(work: Work, what: Export, standing: Standing, found: ExportSet) -> bool:
    organisation_id = standing.wanted.organisation_id
    async with acting_for(work.pool, organisation_id) as connection:
        page = await found.page(connection, standing.wanted, standing.place, ROWS_A_PAGE)
    blob = None
    if page.rows:
        blob = f"{organisation_id}/exports/{what.export_id}/parts/{standing.parts:06}-{work.run}"
        content = await asyncio.to_thread(formats.page, standing.format, found.columns, page.rows)
        await work.blobs.put(blob, content)
    ours = await exports.move(
        work.pool,
        organisation_id,
        what.export_id,
        part=standing.parts,
        blob=blob,
        records=len(page.rows),
        following=page.following,
    )
    if not ours and blob is not None:
        await work.blobs.forget(blob)
    return ours


async def _join(work: Work, what: Export, standing: Standing, found: ExportSet) -> None:
    organisation_id = standing.wanted.organisation_id
    keys = await exports.parts(work.pool, organisation_id, what.export_id)
    loop = asyncio.get_running_loop()

    def read() -> Iterator[bytes]:
        for key in keys:
            yield asyncio.run_coroutine_threadsafe(work.blobs.read(key), loop).result()

    with tempfile.TemporaryDirectory(prefix="holdfast-export-") as directory:
        target = Path(directory) / "file"
        size_bytes = await asyncio.to_thread(formats.joined, standing.format, found.columns, read(), target)
        await work.blobs.put(blob_of(organisation_id, what.export_id), target)
    await exports.complete(work.pool, organisation_id, what.export_id, size_bytes, KEPT_DAYS)
    await work.blobs.forget_all(f"{organisation_id}/exports/{what.export_id}/parts")
    await _forget_if_removed(work, what)


async def _forget_if_removed(work: Work, what: Export) -> None:
    """Somebody may remove it while it is made, also between two tries of which the first left a part."""
    organisation_id = work.organisation_id or ""
    async with work.pool.acquire() as connection:
        row = await exports.find(connection, organisation_id, what.export_id)
    if row is None:
        await forget(work.blobs, organisation_id, what.export_id)


async def _gave_up(connection: asyncpg.Connection, work: Work, what: Export, reason: str) -> None:
    await exports.fail(connection, work.organisation_id or "", what.export_id, reason)
    await tell(connection, NEWS, f"{work.organisation_id} exports")


EXPORT = Kind(name="export", body=Export, do=_write, gave_up=_gave_up, attempts=5, at_once=2)


async def _expire(work: Work, _nothing: Nothing) -> None:
    for organisation_id, export_id in await exports.expire(work.pool, _MOST_EXPIRED):
        await forget(work.blobs, organisation_id, export_id)


async def forget(blobs: Blobs, organisation_id: str, export_id: str) -> None:
    """Its file and whatever is left of its parts."""
    await blobs.forget_all(f"{organisation_id}/exports/{export_id}")


EXPIRE = Kind(name="expire-exports", body=Nothing, do=_expire, attempts=3)
