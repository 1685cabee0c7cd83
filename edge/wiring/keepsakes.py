"""Pass words of devices for the box that may come next: sealed when they change, left with the cloud.

A part of the composition root; `app.py` makes one. Until somebody asks for a recovery code
(`holdfast-edge recovery-code`) nothing is sealed and nothing leaves the box. Counterpart: `recovering.py` is
what people type.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.adapters.cloud.claiming import load_key
from edge.adapters.cloud.keepsake_door import KeepsakeDoor, NotKept
from edge.effects.afar.keepsake import KEY_NAME, SEALED_NAME, Things, seal, write_file
from edge.effects.devices import address_book
from edge.journal.database import Box

log = logging.getLogger(__name__)

#: What the next box cannot make anew.
FILES = (address_book.FILE_NAME,)
LOOK_S = 60.0


class Keepsakes:
    """`running` lists what has to run; `look` when the link is back."""

    def __init__(self, directory: Path, box: Box, is_up: Callable[[], bool], look_s: float = LOOK_S) -> None:
        self._directory = directory
        self._venue_id = box.venue_id or ""
        self._is_up = is_up
        self._look_s = look_s
        served = box.venue_id is not None and box.cloud_url is not None
        self._door = KeepsakeDoor(box, load_key(directory / "node.key")) if served else None
        self._sealed_of = b""
        self._left = b""
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Look again, now."""
        self._changed.set()

    def running(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """Tasks to cancel in the end; none for a box that no cloud knows."""
        return [group.create_task(self._run(self._door), name="keepsakes")] if self._door else []

    async def _run(self, door: KeepsakeDoor) -> None:
        while True:
            self._changed.clear()
            try:
                sealed = await asyncio.to_thread(self._sealed)
                if sealed != self._left and self._is_up():
                    await door.leave(sealed)
                    self._left = sealed
            except (NotKept, OSError, ValueError) as error:
                log.info("what is for the next box waits: %s", error)
            try:
                async with asyncio.timeout(self._look_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _sealed(self) -> bytes:
        """What there is to leave: sealed anew if something has changed, as it lies there otherwise."""
        files = {name: (self._directory / name) for name in FILES}
        there = {name: path.read_bytes() for name, path in files.items() if path.exists()}
        key = self._directory / KEY_NAME
        if not there or not key.exists():
            return self._left
        public, place = key.read_bytes(), self._directory / SEALED_NAME
        of = hashlib.sha256(public + b"".join(there[name] for name in sorted(there))).digest()
        if of != self._sealed_of:
            write_file(place, seal(public, self._venue_id, Things(there)))
            self._sealed_of = of
        return place.read_bytes()
