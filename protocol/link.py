"""What a box and its cloud say to each other over their one WebSocket.

Frames are binary: one byte, `PLAIN` or `ZSTD`, then one MessagePack map whose `type` names the message.
The cloud speaks first (`challenge`), because a box without a trusted clock can only prove itself by
signing something fresh. Facts travel `up` as the very records that were journalled; what the cloud owns
travels `down` as entries of named streams. sync.md, 'Wire', is the source of names and flows.

Counterpart: `link_machine.py` holds the order in which these may come.
"""

from typing import Annotated

import msgspec

#: First byte of a frame: the rest as it is, or compressed with Zstandard.
PLAIN = b"\x00"
ZSTD = b"\x01"
#: No frame may unpack to more than this, so that a small hostile frame cannot fill the memory.
MOST_FRAME_BYTES = 16 * 1024 * 1024
#: Protocol versions this release speaks, oldest and newest. 2 added lives, forks, tickets, credit in bytes,
#: orphans and digests; a peer that speaks 1 leaves those fields out, and everything else is as it was.
PROTOCOLS = (1, 2)
#: Streams that the cloud writes and the box follows, each with its own dense sequence.
STREAMS = ("config", "menu", "commands")


#: Places in journals and streams, and epochs: never below zero, always within a database's 64 bits.
Place = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class Challenge(msgspec.Struct, frozen=True, tag="challenge"):
    """Cloud to box, first: sign this."""

    nonce: bytes


class Greeting(msgspec.Struct, frozen=True):
    """Who the box is and how far it knows both sides to be. Travels as the signed bytes inside `Hello`.

    `life` names this start of this program; a life that was succeeded by another never comes back, unless
    two boxes have one key. `forked_seq` is where the box disbelieved the last welcome, 0 if it did not;
    `forked_hash` is its own chain there.
    """

    nonce: bytes
    venue_id: str
    node_id: str
    epoch: Place
    log_id: str
    protocols: tuple[int, int]
    boot: str
    tail_seq: Place
    acked_seq: Place
    acked_hash: bytes
    down_cursors: dict[str, Place]
    incarnation_seen: str
    clock_trusted: bool
    wall_ms: int
    life: str = ""
    forked_seq: Place = 0
    forked_hash: bytes = b""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Box to cloud: `greeting` is the MessagePack of a `Greeting`, `signature` Ed25519 over it."""

    greeting: bytes
    signature: bytes


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """Cloud to box. `verdict` is `ok`, `resend`, `resnapshot`, `fenced`, `unknown` or `upgrade`.

    `durable_seq` and `durable_hash` are where the cloud's copy of this log ends; the box goes on after
    it. `credit` facts and `credit_bytes` bytes of records may be on their way unacknowledged.

    `unknown` is a box that this cloud never claimed, or no longer knows since it was restored: it serves on
    and has to be claimed again. `fenced` with `replaced_by`, the epoch of the box in charge, is a box that
    was known and is no longer wanted: it must not sell, and may only send what the cloud lacks, to be kept as
    orphans. `resnapshot` comes with a `ticket`: a claim code for this very box, under which it gets a new
    epoch and a snapshot.
    """

    verdict: str
    protocol: int
    durable_seq: int
    durable_hash: bytes
    incarnation: str
    credit: int
    server_time_ms: int
    message: str = ""
    credit_bytes: int = 0
    replaced_by: int = 0
    ticket: str = ""


class Up(msgspec.Struct, frozen=True, tag="up"):
    """A dense run of records from `first_seq`; `chain_hash` is the chain after the last one."""

    first_seq: Place
    records: tuple[bytes, ...]
    chain_hash: bytes


class UpAck(msgspec.Struct, frozen=True, tag="up_ack"):
    """Everything up to `durable_seq` is committed in Postgres."""

    durable_seq: int
    durable_hash: bytes
    credit: int
    credit_bytes: int = 0


class Resend(msgspec.Struct, frozen=True, tag="resend"):
    """The last run did not join on to the cloud's copy; go on after `after_seq`."""

    after_seq: int


class Entry(msgspec.Struct, frozen=True):
    """One entry of a down stream; `body` is the JSON of what the stream carries.

    `age_ms` is how long the cloud had it when it handed it over, by the cloud's own clock.
    """

    seq: int
    body: bytes
    age_ms: int = 0


class Down(msgspec.Struct, frozen=True, tag="down"):
    """A dense run of entries of one stream."""

    stream: str
    entries: tuple[Entry, ...]


class DownAck(msgspec.Struct, frozen=True, tag="down_ack"):
    """Everything of `stream` up to `seq` is applied on the box's disk."""

    stream: str
    seq: Place


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Box to cloud, now and then, on the telemetry lane: what does not belong in the journal.

    `unsynced_minor` is what the orders come to of which the cloud does not have everything; None where the
    box does not say. `readings` are packed by `protocol/telemetry.py`; with `whole`, whatever they do not
    name is gone from the venue. A peer that does not know these fields skips them or leaves them out.
    """

    tail_seq: Place
    clock_trusted: bool
    unsynced_minor: Place | None = None
    readings: bytes = b""
    whole: bool = False


class Digest(msgspec.Struct, frozen=True, tag="digest"):
    """Box to cloud, in a quiet moment: one bucket's rows at `seq`, of aggregates touched after `since_seq`.

    Protocol 2. See `protocol/bucket.py`.
    """

    seq: Place
    since_seq: Place
    bucket: Place
    hash: bytes


class Compared(msgspec.Struct, frozen=True, tag="compared"):
    """Cloud to box: `outcome` is `equal`, `mended` (the cloud's rows were wrong), `yours`, or `later`."""

    bucket: int
    outcome: str


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Either way. Answered at once; silence past the deadline means that the link is dead."""

    token: int


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """Answer to `ping`; the cloud's carries its time, from which a box may learn the date."""

    token: int
    server_time_ms: int = 0


ToCloud = Hello | Up | DownAck | Status | Digest | Ping | Pong
ToEdge = Challenge | Welcome | UpAck | Resend | Down | Compared | Ping | Pong

to_cloud = msgspec.msgpack.Decoder(ToCloud)
to_edge = msgspec.msgpack.Decoder(ToEdge)
greeting = msgspec.msgpack.Decoder(Greeting)
encode = msgspec.msgpack.Encoder().encode
