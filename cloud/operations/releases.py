"""Releases on their way to boxes: taken in, opened ring by ring, and halted by themselves.

    first  a venue or two of people who do not mind
    some   one in ten
    all    everybody else

The private key of the makers is never here: a bundle comes signed, and is refused unless the public key given
beside it fits and every file is what the manifest says. Boxes check the same once more with the key that they
were laid down with, so a cloud that was broken into cannot give them anything else.
"""

import hashlib
from base64 import b64decode
from pathlib import Path

import asyncpg
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.store import venues
from cloud.store.link import releases
from cloud.store.link.releases import Release, Ring
from protocol.upgrade import BadManifest, Manifest, Offer, is_newer, read_manifest

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MACHINES = ("aarch64", "x86_64", "any")


class BadRelease(ValueError):
    """What was handed in is not a release of theirs; the text says what is wrong."""


class NoSuchRelease(ValueError):
    """Nobody has handed in this release."""


class Limit(msgspec.Struct, frozen=True):
    """A release is halted once so many boxes took it back, and so many of a hundred that tried it."""

    boxes: int
    percent: int


#: The earlier the ring, the less it takes.
LIMITS = {"first": Limit(1, 0), "some": Limit(2, 5), "all": Limit(3, 2)}


def is_too_many(ring: str, installed: int, rolled_back: int) -> bool:
    """Whether a ring has seen enough of a release."""
    limit = LIMITS[ring]
    return rolled_back >= limit.boxes and rolled_back * 100 >= limit.percent * (installed + rolled_back)


def key_of(sha256: str) -> str:
    """Where a file of a release is kept."""
    return f"releases/{sha256}"


def read(bundle: Path, public_key: str) -> tuple[Manifest, str, str]:
    """A bundle that is wholly what was signed: its manifest, read and as text, and the signature."""
    try:
        signed, signature = (bundle / MANIFEST).read_bytes(), (bundle / SIGNATURE).read_text().strip()
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.strip(), validate=True))
        key.verify(b64decode(signature, validate=True), signed)
        manifest = read_manifest(signed)
    except OSError as error:
        raise BadRelease(f"{error.filename}: {error.strerror}") from None
    except BadManifest as error:
        raise BadRelease(f"{bundle / MANIFEST}: {error}") from None
    except (InvalidSignature, ValueError):
        raise BadRelease(f"{bundle / MANIFEST} was not signed with this key") from None
    for path, sha256 in manifest.files.items():
        try:
            content = (bundle / path).read_bytes()
        except OSError as error:
            raise BadRelease(f"{path}: {error.strerror}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BadRelease(f"{path} is not what was signed")
    return manifest, signed.decode(), signature


async def add(
    pool: asyncpg.Pool, blobs: Blobs, bundle: Path, public_key: str, machine: str, source: str = ""
) -> Release:
    """Take a bundle in; nobody is offered it yet. With `source` its files stay there. Raises `BadRelease`."""
    manifest, signed, signature = read(bundle, public_key)
    size = sum((bundle / path).stat().st_size for path in manifest.files)
    if not source:
        for path, sha256 in manifest.files.items():
            await _keep(blobs, key_of(sha256), bundle / path)
    release = Release(manifest.version, machine, signed, signature, source, size)
    async with pool.acquire() as connection:
        await releases.add(connection, release)
    return release


async def _keep(blobs: Blobs, key: str, path: Path) -> None:
    """Most libraries are those of the release before."""
    try:
        await blobs.size(key)
    except NoSuchBlob:
        await blobs.put(key, path)


async def open_for(pool: asyncpg.Pool, version: str, ring: str) -> None:
    """Offer it to a ring and those before it. Raises `NoSuchRelease`."""
    async with pool.acquire() as connection, connection.transaction():
        if not await releases.find(connection, version):
            raise NoSuchRelease(f"There is no release {version}; take it in with `release add`.")
        await releases.open_for(connection, version, ring)
        await _audit(connection, "release opened", version, {"ring": ring})


async def halt(pool: asyncpg.Pool, version: str, reason: str) -> None:
    """Offer it to nobody any more. Raises `NoSuchRelease`."""
    async with pool.acquire() as connection, connection.transaction():
        if not await releases.halt(connection, version, reason):
            raise NoSuchRelease(f"Release {version} is offered to nobody.")
        await _audit(connection, "release halted", version, {"reason": reason})


async def halt_if_too_many(connection: asyncpg.Connection, version: str) -> Ring | None:
    """A box took it back: the ring that has seen enough, if it is offered to nobody any more for that."""
    # Two boxes that tell at once would each see only their own, and neither would be one too many.
    await releases.hold(connection, version)
    for ring in await releases.rings(connection):
        seen = ring.version == version and ring.halted_at is None
        if seen and is_too_many(ring.ring, ring.installed, ring.rolled_back):
            tried = ring.installed + ring.rolled_back
            reason = f"{ring.rolled_back} of {tried} boxes in ring {ring.ring} took it back"
            await releases.halt(connection, version, reason)
            await _audit(connection, "release halted", version, {"reason": reason})
            return ring
    return None


def choose(there_is: list[Release], running: str) -> Offer | None:
    """The newest of them, if it comes after the release that runs."""
    later = [each for each in there_is if is_newer(each.version, running)]
    if not running or not later:
        return None
    best = later[0]
    for each in later[1:]:
        best = each if is_newer(each.version, best.version) else best
    return Offer(best.version, best.manifest, best.signature, best.source)


async def _audit(connection: asyncpg.Connection, action: str, version: str, after: dict[str, str]) -> None:
    told = {"version": version, **after}
    await venues.audit(connection, actor="operator", action=action, origin="cloud", after=told)
