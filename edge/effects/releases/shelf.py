"""Where a release is gathered before it is put in place, and where what became of it can be read.

The box's own user may write here and nowhere else. A complete bundle is handed over by a note, `wanted.json`,
for which systemd watches; root then copies what the manifest lists, verifies all of it once more and does the
rest. How far that is stands in a file that both releases can read.

Counterparts: `edge/provision/asked.py` takes the note up, `edge/provision/upgrade.py` writes the progress.
"""

import hashlib
import os
import shutil
from pathlib import Path

import msgspec

from edge.journal.backup import sync_directory
from edge.provision.asked import FETCHED, WANTED, Wanted
from edge.provision.release import MANIFEST, SIGNATURE, BadRelease, check_signature
from edge.provision.upgrade import Progress
from protocol.upgrade import BadManifest, Manifest, Offer, read_manifest

__all__ = ["BadRelease", "Places", "Shelf"]


class Places(msgspec.Struct, frozen=True):
    """Of an installed box: `home` is `/opt/holdfast`, `key` the makers' public one."""

    home: Path = Path("/opt/holdfast")
    key: Path = Path("/etc/holdfast/release.pub")


class Shelf:
    """In the data directory. Raises `OSError` where the disk does."""

    def __init__(self, directory: Path, places: Places) -> None:
        self._directory = directory
        self._places = places

    def running(self) -> str:
        """The release in use; empty for a tree that was never installed."""
        try:
            return (self._places.home / "current").readlink().name
        except OSError:
            return ""

    def key(self) -> str:
        """The makers' public key; empty for a box that runs nobody's releases."""
        try:
            return self._places.key.read_text().strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def progress(self) -> Progress:
        """How far the last upgrade was. What cannot be read says nothing."""
        try:
            return msgspec.json.decode((self._places.home / "upgrade.json").read_bytes(), type=Progress)
        except (OSError, msgspec.DecodeError):
            return Progress()

    def verified(self, offer: Offer) -> Manifest:
        """What an offer consists of, if the makers signed it. Raises `BadRelease`."""
        manifest = offer.manifest.encode()
        check_signature(manifest, offer.signature.encode(), self.key(), "the offered release")
        try:
            return read_manifest(manifest)
        except BadManifest as error:
            raise BadRelease(f"the offered release: {error}") from None

    def bundle(self, version: str) -> Path:
        """Where it is gathered."""
        return self._directory / FETCHED / version

    def lacks(self, manifest: Manifest) -> list[tuple[str, str]]:
        """Paths and digests that are yet to be fetched, the largest last."""
        folder = self.bundle(manifest.version)
        missing = [(path, sha256) for path, sha256 in manifest.files.items() if not (folder / path).is_file()]
        return sorted(missing, key=lambda each: (manifest.sizes.get(each[0], 0), each[0]))

    def place_for(self, version: str, path: str) -> Path:
        """The file's place, with the folders above it."""
        place = self.bundle(version) / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place

    def borrow(self, path: str, sha256: str, place: Path) -> bool:
        """Whether the release in use has the very same file: most libraries stay as they are."""
        former = self._places.home / "bundles" / self.running() / path
        if not former.is_file() or digest_of(former) != sha256:
            return False
        scratch = place.with_name(f"{place.name}.copy")
        shutil.copyfile(former, scratch)
        _sync(scratch)
        scratch.replace(place)
        sync_directory(place.parent)
        return True

    def weed(self, manifest: Manifest) -> None:
        """Throw away what a power cut or a worn card has spoilt, so that it is fetched again."""
        for path, sha256 in manifest.files.items():
            place = self.bundle(manifest.version) / path
            if place.is_file() and digest_of(place) != sha256:
                place.unlink()

    def complete(self, offer: Offer) -> None:
        """All files are there: the manifest goes beside them, to stay there before anybody reads it."""
        folder = self.bundle(offer.version)
        for name, content in ((MANIFEST, offer.manifest), (SIGNATURE, offer.signature)):
            (folder / name).write_bytes(content.encode())
            _sync(folder / name)
        sync_directory(folder)

    def tidy(self, keep: str) -> None:
        """Throw away what was gathered of other releases."""
        for folder in (self._directory / FETCHED).glob("*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)

    def free_bytes(self) -> int:
        """Of the fuller disk: the data's or the releases'."""
        home = self._places.home if self._places.home.exists() else self._directory
        return min(shutil.disk_usage(self._directory).free, shutil.disk_usage(home).free)

    def hand_over(self, wanted: Wanted) -> None:
        """Ask for it to be put in place; whole or not at all."""
        note = self._directory / WANTED
        scratch = note.with_name(f"{note.name}.new")
        scratch.write_bytes(msgspec.json.encode(wanted))
        _sync(scratch)
        scratch.replace(note)

    def take_back(self) -> bool:
        """Ask no more; False if it was taken up already."""
        try:
            (self._directory / WANTED).unlink()
        except FileNotFoundError:
            return False
        return True


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def digest_of(path: Path) -> str:
    """SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
