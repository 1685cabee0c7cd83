"""How a box hears of a later release, fetches it, and tells what became of it.

A release is a bundle: files under a manifest that the makers signed. The cloud only carries it. A box asks
whether there is one for it, fetches what it lacks by the digest that the manifest gives each file, from the
place where it was cut off, and verifies everything with the key that it was laid down with; so neither the
cloud nor the line has to be trusted. What it tells is where it stands now, so a repeat changes nothing.

Counterparts: `cloud/ingest/release_door.py`, `edge/effects/releases/upgrading.py`,
`edge/provision/upgrade.py`.
"""

import re
from typing import Annotated, Literal

import msgspec

OFFER_PATH = "/api/edge/release"
FILE_PATH = "/api/edge/release/files/{sha256}"

VERSION = re.compile(r"[0-9]+(\.[0-9]+){1,3}([a-z0-9.+-]{0,24})")
SHA256 = re.compile(r"[0-9a-f]{64}")
#: A path in a bundle: relative, of plain names, none of which leads elsewhere.
PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+~%-]*(/[A-Za-z0-9_][A-Za-z0-9_.+~%-]*){0,4}")
#: No bundle is as large; a manifest that says otherwise is not ours.
MOST_FILES, MOST_BYTES = 2_000, 2**31

#: Who gets a release when: a venue is in one ring, and a release is opened for one after the other.
RINGS = ("first", "some", "all")
Ring = Literal["first", "some", "all"]

#: Where a box stands with a release. The last three are ends.
State = Literal[
    "offered", "downloading", "downloaded", "waiting", "installing", "installed", "rolled_back", "refused"
]


class Manifest(msgspec.Struct, frozen=True):
    """`files` maps each path in the bundle to its SHA-256 in hex, `sizes` to its bytes."""

    version: str
    files: dict[str, str]
    sizes: dict[str, int] = {}

    @property
    def size_bytes(self) -> int:
        """Of all files together, as far as sizes are told."""
        return sum(self.sizes.values())


class Offer(msgspec.Struct, frozen=True):
    """A release for this box. `manifest` and `signature` are the bundle's own files, byte for byte.

    `source` is an address under which the bundle's paths lie; empty where the cloud itself has the files.
    """

    version: str
    manifest: str
    signature: str
    source: str = ""


class Offered(msgspec.Struct, frozen=True):
    """What the cloud answers to a box that asks; None where there is nothing for it."""

    offer: Offer | None = None


class Standing(msgspec.Struct, frozen=True):
    """What a box tells: the release it runs, and where it is with another.

    `reason` says in words why it waits, refused or went back; `machine` is the board's processor.
    """

    running: Annotated[str, msgspec.Meta(max_length=60)]
    machine: Annotated[str, msgspec.Meta(max_length=20)] = ""
    version: Annotated[str, msgspec.Meta(max_length=60)] = ""
    state: State | None = None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class BadManifest(ValueError):
    """This is no manifest of a release; the text says what is wrong with it."""


def read_manifest(signed: bytes) -> Manifest:
    """A manifest whose signature was checked. Raises `BadManifest`."""
    try:
        manifest = msgspec.json.decode(signed, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadManifest(str(error)) from None
    if not VERSION.fullmatch(manifest.version):
        raise BadManifest(f"{manifest.version!r} is no version")
    for path, digest in manifest.files.items():
        if not PATH.fullmatch(path) or ".." in path or not SHA256.fullmatch(digest):
            raise BadManifest(f"{path!r} is no file of a bundle")
    if len(manifest.files) > MOST_FILES or manifest.size_bytes > MOST_BYTES:
        raise BadManifest("the bundle is too large")
    return manifest


def order_of(version: str) -> tuple[int, ...]:
    """What versions are compared by: their numbers."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version.split("+")[0]))


def is_newer(version: str, than: str) -> bool:
    """Whether one release comes after another."""
    return order_of(version) > order_of(than)


def signed(venue_id: str, node_id: str, what: bytes) -> bytes:
    """What a box signs with its key (Ed25519) to ask for `what`: the body it sends, or a file's digest."""
    return b"holdfast/release/" + f"{venue_id}/{node_id}/".encode() + what
