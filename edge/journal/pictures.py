"""Pictures that guests uploaded, as files beside the journal, each under the name that its bytes have.

A file is written whole and synced before it gets its name, so what is found is whole. Its size in pixels
stands in the file's name, for layouts. Beside a picture that the cloud has lies an empty file `….sent`.
Once the shelf holds `MOST_BYTES`, sent pictures go first, the oldest first; what the cloud lacks is never
dropped.
"""

import os
import re
from pathlib import Path

import msgspec

from protocol.drawing.commissions import Taken

MOST_BYTES = 1024 * 1024 * 1024

_NAME = re.compile(r"([0-9a-f]{64})-([0-9]{1,5})x([0-9]{1,5})\.(jpg|png)")
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


class ShelvedPicture(msgspec.Struct, frozen=True):
    """A picture on disk."""

    blob: str
    path: Path
    size_px: tuple[int, int]
    bytes: int

    @property
    def media(self) -> str:
        """Its media type."""
        return "image/png" if self.path.suffix == ".png" else "image/jpeg"


class PictureShelf:
    """The folder and what is in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._pictures: dict[str, ShelvedPicture] = {}
        self._sent: set[str] = set()
        for path in sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime):
            self._know(path)

    def _know(self, path: Path) -> None:
        found = _NAME.fullmatch(path.name)
        if found is not None:
            size_px = int(found[2]), int(found[3])
            self._pictures[found[1]] = ShelvedPicture(found[1], path, size_px, path.stat().st_size)
        elif path.suffix == ".sent":
            self._sent.add(path.stem)
        else:
            path.unlink()  # half a picture, of a power cut

    def find(self, blob: str) -> ShelvedPicture | None:
        """By its name."""
        return self._pictures.get(blob)

    def is_full(self) -> bool:
        """Whether nothing more fits, because the cloud has not heard of what is here for long."""
        unsent = sum(each.bytes for blob, each in self._pictures.items() if blob not in self._sent)
        return unsent > MOST_BYTES

    def keep(self, taken: Taken) -> None:
        """On disk, for good. Blocks. Raises `OSError`."""
        if taken.blob in self._pictures:
            return
        name = f"{taken.blob}-{taken.width_px}x{taken.height_px}.{ENDINGS[taken.media]}"
        path, half = self._folder / name, self._folder / f"{taken.blob}.half"
        with half.open("wb") as file:
            file.write(taken.body)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        self._sync_folder()
        self._know(path)
        self._make_room()

    def unsent(self) -> list[ShelvedPicture]:
        """What the cloud is not known to have, the oldest first."""
        return [each for blob, each in self._pictures.items() if blob not in self._sent]

    def mark_sent(self, blob: str) -> None:
        """The cloud has it."""
        (self._folder / f"{blob}.sent").touch()
        self._sent.add(blob)

    def _make_room(self) -> None:
        total = sum(each.bytes for each in self._pictures.values())
        for blob in [blob for blob in self._pictures if blob in self._sent]:
            if total <= MOST_BYTES:
                return
            gone = self._pictures.pop(blob)
            total -= gone.bytes
            gone.path.unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
