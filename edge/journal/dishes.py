"""Pictures of dishes as files, each under the SHA-256 of its bytes; the menu in the journal names them.

They are a copy of what the cloud has: a box that lost them, or has just taken a venue over, fetches them
again, and until then guests see a menu without. What has come of a file so far lies in `NAME.part`, so
fetching goes on where the line was cut; a file gets its name once its bytes are right and on disk.

Rule of the file: bounded. No file is larger than `MOST_BYTES`, all together no larger than `MOST_ALL_BYTES`,
and what no menu in force names is dropped.
"""

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

from protocol.pictures import is_name

#: The cloud's are about 100 kB; a larger one is not ours.
MOST_BYTES = 1024 * 1024
MOST_ALL_BYTES = 256 * 1024 * 1024


class NotThePicture(Exception):
    """What came is too much, or has another SHA-256 than the picture it was said to be."""


class DishShelf:
    """The folder and what is in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._sizes = {path.name: path.stat().st_size for path in folder.iterdir() if is_name(path.name)}

    def find(self, blob: str) -> Path | None:
        """Where a picture lies; None while it is not whole."""
        return self._folder / blob if blob in self._sizes else None

    def lacks(self, wanted: Collection[str]) -> list[str]:
        """Those of `wanted` that are not here, as many as there is room for."""
        room = MOST_ALL_BYTES - sum(self._sizes.values())
        return [blob for blob in wanted if blob not in self._sizes] if room > MOST_BYTES else []

    def begun(self, blob: str) -> int:
        """How many bytes of it have come."""
        part = self._part(blob)
        return part.stat().st_size if part.exists() else 0

    def add(self, blob: str, begins: int, piece: bytes) -> None:
        """Keep what came next. Blocks. Raises `NotThePicture` for too much, `OSError`."""
        if begins + len(piece) > MOST_BYTES:
            self._part(blob).unlink(missing_ok=True)
            raise NotThePicture(f"{blob[:12]} is larger than {MOST_BYTES} bytes")
        with self._part(blob).open("r+b" if begins else "wb") as file:
            file.seek(begins)
            file.truncate()
            file.write(piece)

    def finish(self, blob: str) -> None:
        """It is whole. Blocks. Raises `NotThePicture`, and then begins anew; `OSError`."""
        part = self._part(blob)
        body = part.read_bytes()
        if hashlib.sha256(body).hexdigest() != blob:
            part.unlink()
            raise NotThePicture(f"{blob[:12]} has another name")
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        part.replace(self._folder / blob)
        self._sizes[blob] = len(body)

    def keep_only(self, wanted: Collection[str]) -> None:
        """Drop what no menu names any more. Blocks."""
        kept = {*wanted}
        for path in self._folder.iterdir():
            if path.name.removesuffix(".part") not in kept:
                path.unlink()
                self._sizes.pop(path.name, None)

    def _part(self, blob: str) -> Path:
        return self._folder / f"{blob}.part"
