"""What a new or replaced box is given of its venue before it serves: a manifest, and chunks of facts.

A snapshot is cut once the former box is fenced, so nothing in it can change. It holds the facts that somebody
may still need: all of whatever is open, and of everything else what the last fortnight touched. Facts keep
the places they had; the new log goes on after `base_seq`, so no sequence number is ever used twice. Chunks
are Zstandard over MessagePack, each named by its hash, so that a download may go on where it was cut.

Counterparts: `cloud/ingest/snapshot.py` cuts one, `edge/journal/succession.py` makes a journal of it.
"""

import hashlib

import msgspec

from protocol.link import Place

#: Facts of one chunk, about; a chunk never unpacks to more than `MOST_CHUNK_BYTES`.
FACTS_A_CHUNK = 4000
MOST_CHUNK_BYTES = 64 * 1024 * 1024
#: Numbers of orders and items that a replaced box may have given out unseen; its successor leaves them out.
NUMBERS_LEFT_OUT = 10_000


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """A fact of an earlier log: its place, that of the aggregate's fact before (0: none), chain hash."""

    seq: int
    previous: int
    record: bytes
    hash: bytes


class Level(msgspec.Struct, frozen=True, array_like=True):
    """How much of a dish there was at its fact `seq`; stock is not carried fact by fact."""

    seq: int
    menu_item: int
    qty: int | None
    taken_off: bool
    version: int


class Numbers(msgspec.Struct, frozen=True):
    """The highest numbers that were given out, so that none is given out again."""

    item_id: int = 0
    order_number: int = 0
    ticket_number: int = 0
    receipt_number: int = 0
    z_number: int = 0


class ChunkPlace(msgspec.Struct, frozen=True):
    """One chunk as it is sent: SHA-256 in hex, and its size."""

    sha256: str
    size_bytes: int


class Manifest(msgspec.Struct, frozen=True):
    """What there is to download. `left_out` are aggregates that the cloud could not fold and holds back."""

    base_seq: int
    base_hash: bytes
    facts: int
    numbers: Numbers
    levels: tuple[Level, ...]
    chunks: tuple[ChunkPlace, ...]
    left_out: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """The place that a box had in a cloud that does not know it any more, because that was restored.

    Its log `log_id` goes on after the fact `base_seq` of the box before it, and began at `base_hash`.
    """

    venue_id: str
    node_id: str
    log_id: str
    epoch: Place
    base_seq: Place = 0
    base_hash: bytes = b""


class Claimed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to a claim: the box's place. A `base_seq` means a box before, and a snapshot."""

    venue_id: str
    restaurant_id: int
    epoch: int
    base_seq: int = 0
    base_hash: bytes = b""


class SnapshotRequest(msgspec.Struct, frozen=True):
    """Ask for the manifest, with the code that the box was claimed with."""

    code: str
    node_id: str


#: A chunk is a list of facts in order of their places.
encode_chunk = msgspec.msgpack.Encoder().encode
chunk_decoder = msgspec.msgpack.Decoder(tuple[Carried, ...])


def name_of(chunk: bytes) -> str:
    """The SHA-256 under which a manifest names a chunk."""
    return hashlib.sha256(chunk).hexdigest()
