"""Where the box paints: pictures of guests as files, quick previews, and one painters' process when it is
needed.

A picture lies on disk before anybody is told its name, and is found by it alone. Previews are a cache:
found by the CRC32 of the design's canonical form and by that form itself, lost at a restart. The process
that paints ends after a while in which nobody designed anything, so a box that sells food does not carry
Pillow around.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from edge.journal.pictures import PictureShelf
from protocol.design.parameters import Parameters, canonical, crc32_of
from protocol.drawing.bench import Bench, PainterDied, unable
from protocol.drawing.commissions import QUICK_PX, PaintPreview, Taken
from protocol.errors import Refused, refuse

T = TypeVar("T")

#: How long the painters' process stays after its last picture.
IDLE_S = 45.0
#: Phones that design at the same time wait in line; more than so many are turned away.
MOST_WAITING = 24
MOST_PREVIEWS = 200


class Studio:
    """One bench for the whole box. `run` it, so that the process ends when it is idle."""

    def __init__(self, directory: Path, shelf: PictureShelf, monotonic_s: Callable[[], float]) -> None:
        self.shelf = shelf
        self._previews_on = directory / "previews"
        self._monotonic_s = monotonic_s
        self._bench = Bench()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._used_s = 0.0
        self._used = asyncio.Event()
        #: (CRC32, canonical form) -> the preview's name; the oldest goes first.
        self._previews: OrderedDict[tuple[int, bytes], str] = OrderedDict()
        self._forget_previews()

    def _forget_previews(self) -> None:
        self._previews_on.mkdir(exist_ok=True)
        for path in self._previews_on.iterdir():
            path.unlink()

    @property
    def painter_pid(self) -> int | None:
        """Of the process that paints, while there is one."""
        return self._bench.pid

    async def take(self, raw: bytes) -> Taken:
        """A guest's file as a picture of ours, on disk. Raises `Refused`."""
        if self.shelf.is_full():
            raise Refused(refuse("pictures_full"))
        taken = await self._seated(lambda: self._bench.take(raw))
        await asyncio.to_thread(self.shelf.keep, taken)
        return taken

    async def preview(self, template: str, parameters: Parameters) -> tuple[str, int, bool]:
        """A quick preview's name, the design's CRC32, and whether it was painted before. Raises `Refused`."""
        spelled = canonical(template, parameters)
        crc32 = crc32_of(spelled)
        kept = self._previews.get((crc32, spelled))
        if kept is not None and self.preview_file(kept) is not None:
            self._previews.move_to_end((crc32, spelled))
            return kept, crc32, True
        picture, size_px = None, None
        if parameters.picture is not None:
            found = self.shelf.find(parameters.picture.blob)
            if found is None:
                raise Refused(refuse("picture_missing"))
            picture, size_px = await asyncio.to_thread(found.path.read_bytes), found.size_px
        asked = PaintPreview(template, parameters, QUICK_PX, picture, size_px)
        body = await self._seated(lambda: self._bench.paint(asked))
        name = hashlib.sha256(body).hexdigest()
        await asyncio.to_thread((self._previews_on / name).write_bytes, body)
        self._remember((crc32, spelled), name)
        return name, crc32, False

    def preview_file(self, name: str) -> Path | None:
        """Where a preview lies; names are what we made of their bytes."""
        path = self._previews_on / name
        return path if name.isalnum() and path.is_file() else None

    def _remember(self, key: tuple[int, bytes], name: str) -> None:
        self._previews[key] = name
        while len(self._previews) > MOST_PREVIEWS:
            _, oldest = self._previews.popitem(last=False)
            if oldest not in self._previews.values():
                (self._previews_on / oldest).unlink(missing_ok=True)

    async def _seated(self, work: Callable[[], T]) -> T:
        """Take a turn at the bench, off the loop; a phone that goes away gives its turn back only when
        done."""
        if self._waiting >= MOST_WAITING:
            raise unable()
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.shield(asyncio.to_thread(work))
        except PainterDied as error:
            raise unable() from error
        finally:
            self._waiting -= 1
            self._used_s = self._monotonic_s()
            self._used.set()

    async def run(self) -> None:
        """End the painters' process when nobody has needed it for a while, until cancelled."""
        try:
            while True:
                await self._used.wait()
                left_s = self._used_s + IDLE_S - self._monotonic_s()
                if left_s > 0:
                    await asyncio.sleep(left_s)
                    continue
                async with self._turn:
                    self._used.clear()
                    await asyncio.to_thread(self._bench.rest)
        finally:
            self._bench.rest()
