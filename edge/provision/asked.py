"""An upgrade that the box itself asks for: it gathered the bundle, root looks at it again and does the rest.

The box's user is trusted with nothing here. Of what it gathered only files that the signed manifest lists are
copied, none by a link, each compared with its digest after the copy; so what is installed is what the makers
signed, whatever the data directory holds.

Counterparts: `edge/effects/releases/shelf.py` leaves the note; `holdfast-upgrade-asked.path` watches for it.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

import msgspec

from edge.provision.release import MANIFEST, SIGNATURE, BadRelease, check_signature, verify
from protocol.upgrade import VERSION, BadManifest, read_manifest

#: Within the data directory. `FETCHED` holds a folder for each version.
WANTED = "upgrade-wanted.json"
FETCHED = "releases"
_CHUNK_BYTES = 1024 * 1024
_MOST_MANIFEST_BYTES = 4 * 1024 * 1024


class Wanted(msgspec.Struct, frozen=True):
    """The note. With `insist` whoever asked passes over open tickets and players.

    `asked` names the question; the progress says it again, so the box knows the answer to it.
    """

    version: str
    asked: str = ""
    insist: bool = False


def take_note(data: Path) -> Wanted | None:
    """What the box asks for, once: the note is gone afterwards. None for nonsense, or where there is none."""
    note = data / WANTED
    try:
        raw = _read(note, 4096)
        note.unlink()
        wanted = msgspec.json.decode(raw, type=Wanted)
    except (OSError, msgspec.DecodeError):
        return None
    return wanted if VERSION.fullmatch(wanted.version) else None


def carry(data: Path, version: str, target: Path, key: str) -> None:
    """Copy the gathered bundle to where root alone writes. Raises `BadRelease`; `OSError` for a full disk."""
    source = data / FETCHED / version
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        signed, signature = (_read(source / name, _MOST_MANIFEST_BYTES) for name in (MANIFEST, SIGNATURE))
        check_signature(signed, signature, key, str(source))
        try:
            manifest = read_manifest(signed)
        except BadManifest as error:
            raise BadRelease(f"{source}: {error}") from None
        if manifest.version != version:
            raise BadRelease(f"{source} holds release {manifest.version}")
        (target / MANIFEST).write_bytes(signed)
        (target / SIGNATURE).write_bytes(signature)
        for path, sha256 in manifest.files.items():
            _copy(source / path, target / path, sha256)
        verify(target, key)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise BadRelease(f"{error.filename or source}: {error.strerror}") from None
    except BadRelease:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _copy(source: Path, target: Path, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(_opened(source), "rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            digest.update(chunk)
            writing.write(chunk)
    if digest.hexdigest() != sha256:
        raise BadRelease(f"{source} is not what was signed")


def _opened(path: Path) -> int:
    """A plain file, not one that a link leads to. Raises `BadRelease`, `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadRelease(f"{path} is no file")
    return descriptor


def _read(path: Path, most_bytes: int) -> bytes:
    with os.fdopen(_opened(path), "rb") as file:
        return file.read(most_bytes)
