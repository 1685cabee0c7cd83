"""The edge-cloud link without any I/O: both ends, one table each.

Messages go in, messages and events come out; sockets, databases and timers are the shells' business
(`edge/adapters/cloud/link/`, `cloud/ingest/`). Theory: a journal is replicated like a TCP stream.
The box sends dense runs after the seq that the cloud has durable, never more than `credit` facts ahead;
the cloud acknowledges what it has committed. Any cut is healed by a new hello, because the only state
that matters, the cloud's durable (seq, hash), is told in every welcome.

    edge    opening --Challenge--> greeted --Welcome ok|resend-------------> live
                                      |----Welcome fenced, replaced_by----> orphaned
                                      `----Welcome otherwise--------------> refused
    cloud   opening --Hello--> judging --welcome()--> live | orphaned | refused

Facts of an orphaned box travel by the same rules as those of a live one; the cloud keeps them apart.

A message that the state's row does not name is a `ProtocolViolation`; the shell closes the socket.
"""

import msgspec

from protocol import link
from protocol.codec import UNREADABLE
from protocol.flight import Flight

EDGE_STATES: dict[str, dict[type, str]] = {
    "opening": {link.Challenge: "greeted"},
    "greeted": {link.Welcome: "live"},
    "live": {
        link.UpAck: "live",
        link.Resend: "live",
        link.Down: "live",
        link.Compared: "live",
        link.Ping: "live",
        link.Pong: "live",
    },
    "orphaned": {
        link.UpAck: "orphaned",
        link.Resend: "orphaned",
        link.Ping: "orphaned",
        link.Pong: "orphaned",
    },
    "refused": {},
}

CLOUD_STATES: dict[str, dict[type, str]] = {
    "opening": {link.Hello: "judging"},
    "judging": {},
    "live": {
        link.Up: "live",
        link.DownAck: "live",
        link.Status: "live",
        link.Digest: "live",
        link.Ping: "live",
        link.Pong: "live",
    },
    "orphaned": {
        link.Up: "orphaned",
        link.Ping: "orphaned",
        link.Pong: "orphaned",
    },
    "refused": {},
}
#: States in which facts travel.
FLOWING = ("live", "orphaned")


class ProtocolViolation(Exception):
    """The peer said something that its state does not allow."""


class Greet(msgspec.Struct, frozen=True):
    """Edge event: sign a greeting with this nonce and hand it to `hello`."""

    nonce: bytes


class Live(msgspec.Struct, frozen=True):
    """Edge event: the link carries facts; the welcome tells from where."""

    welcome: link.Welcome


class Orphaned(msgspec.Struct, frozen=True):
    """Edge event: another box has this one's place; what the cloud lacks may still be sent."""

    welcome: link.Welcome


class TurnedAway(msgspec.Struct, frozen=True):
    """Edge event: the cloud will not have this box as it is; the verdict tells why."""

    welcome: link.Welcome


class Acknowledged(msgspec.Struct, frozen=True):
    """Edge event: the cloud has committed everything up to `seq`."""

    seq: int
    chain_hash: bytes


class Arrived(msgspec.Struct, frozen=True):
    """Edge event: entries to apply, in order; acknowledge with `applied` once they are on disk."""

    stream: str
    entries: tuple[link.Entry, ...]


class Judge(msgspec.Struct, frozen=True):
    """Cloud event: check signature, epoch and cursor against the database, then call `welcome`."""

    greeting: link.Greeting
    signed: bytes
    signature: bytes


class Run(msgspec.Struct, frozen=True):
    """Cloud event: a run to apply in one transaction, then call `committed`."""

    first_seq: int
    records: tuple[bytes, ...]
    chain_hash: bytes


class Applied(msgspec.Struct, frozen=True):
    """Cloud event: the box has `stream` up to `seq` on its disk."""

    stream: str
    seq: int


class Telemetry(msgspec.Struct, frozen=True):
    """Cloud event: latest readings, to be shown and forgotten."""

    status: link.Status


class Heard(msgspec.Struct, frozen=True):
    """Either end: a pong came back."""

    token: int
    server_time_ms: int


EdgeEvent = Greet | Live | Orphaned | TurnedAway | Acknowledged | Arrived | link.Compared | Heard
CloudEvent = Judge | Run | Applied | Telemetry | link.Digest | Heard


def state_after(welcome: link.Welcome) -> str:
    """The state that a welcome leaves both ends in."""
    if welcome.verdict in ("ok", "resend"):
        return "live"
    return "orphaned" if welcome.verdict == "fenced" and welcome.replaced_by else "refused"


class EdgeEnd:
    """The box's end. `outbox` collects messages to send; `receive` returns events for the shell."""

    def __init__(self) -> None:
        self.state = "opening"
        self.outbox: list[link.ToCloud] = []
        self.sent_seq = 0
        self.acked_seq = 0
        self.credit = 0
        self.credit_bytes = 0
        self.protocol = 0
        self._flight = Flight()

    def receive(self, message: link.ToEdge) -> EdgeEvent | None:
        """Take one message; answers go to `outbox`. Raises `ProtocolViolation`."""
        if type(message) not in EDGE_STATES[self.state]:
            raise ProtocolViolation(f"{type(message).__name__} while {self.state}")
        self.state = EDGE_STATES[self.state][type(message)]
        match message:
            case link.Challenge():
                return Greet(message.nonce)
            case link.Welcome():
                return self._welcomed(message)
            case link.UpAck():
                return self._acknowledged(message)
            case link.Resend():
                self._go_back(message)
                return None
            case link.Down():
                return Arrived(message.stream, message.entries)
            case link.Compared():
                return message
            case link.Ping():
                self.outbox.append(link.Pong(message.token))
                return None
            case link.Pong():
                return Heard(message.token, message.server_time_ms)

    def hello(self, greeting: bytes, signature: bytes) -> None:
        """Answer the challenge."""
        self.outbox.append(link.Hello(greeting, signature))

    def _welcomed(self, message: link.Welcome) -> EdgeEvent:
        self.state = state_after(message)
        self.protocol = message.protocol
        if self.state == "refused":
            return TurnedAway(message)
        self.sent_seq = self.acked_seq = message.durable_seq
        self.credit, self.credit_bytes = message.credit, message.credit_bytes
        return Live(message) if self.state == "live" else Orphaned(message)

    def _acknowledged(self, message: link.UpAck) -> EdgeEvent | None:
        self.credit, self.credit_bytes = message.credit, message.credit_bytes
        if message.durable_seq <= self.acked_seq:
            return None  # stale or doubled: acks only ever move forward
        if message.durable_seq > self.sent_seq:
            raise ProtocolViolation(f"seq {message.durable_seq} acknowledged, {self.sent_seq} sent")
        self.acked_seq = message.durable_seq
        self._flight.landed(message.durable_seq)
        return Acknowledged(message.durable_seq, message.durable_hash)

    def _go_back(self, message: link.Resend) -> None:
        if message.after_seq > self.sent_seq:
            raise ProtocolViolation(f"resend after {message.after_seq}, {self.sent_seq} sent")
        self.sent_seq = max(self.acked_seq, message.after_seq)
        self._flight.recalled(self.sent_seq)

    def room(self) -> int:
        """How many more facts may be sent now; none while the bytes under way use up the credit."""
        if self.state not in FLOWING or self.room_bytes() == 0:
            return 0
        return max(0, self.acked_seq + self.credit - self.sent_seq)

    def room_bytes(self) -> int:
        """How many more bytes of records may be sent now. A cloud of protocol 1 counts facts alone."""
        if not self.credit_bytes:
            return link.MOST_FRAME_BYTES
        return max(0, self.credit_bytes - self._flight.bytes)

    def send_run(self, records: tuple[bytes, ...], chain_hash: bytes) -> None:
        """Send the records that follow `sent_seq`; the shell has read exactly those.

        A single record may be larger than what is left of the credit, or it could never travel.
        """
        size_bytes = sum(map(len, records))
        if not 0 < len(records) <= self.room() or (len(records) > 1 and size_bytes > self.room_bytes()):
            raise ProtocolViolation(
                f"a run of {len(records)}, {size_bytes} bytes, with room for {self.room()}"
            )
        self.outbox.append(link.Up(self.sent_seq + 1, records, chain_hash))
        self.sent_seq += len(records)
        self._flight.left(self.sent_seq, size_bytes)

    def applied(self, stream: str, seq: int) -> None:
        """Tell the cloud that entries of `stream` are on disk up to `seq`."""
        self.outbox.append(link.DownAck(stream, seq))

    def status(self, status: link.Status) -> None:
        """Telemetry; dropped unless the link is live, because the next one replaces it anyway."""
        if self.state == "live":
            self.outbox.append(status)

    def digest(self, told: link.Digest) -> None:
        """What the box's tables come to; a cloud of protocol 1 has no ear for it."""
        if self.state == "live" and self.protocol >= 2:
            self.outbox.append(told)

    def ping(self, token: int) -> None:
        """Ask for a sign of life; the shell holds the deadline."""
        if self.state in FLOWING:
            self.outbox.append(link.Ping(token))


class CloudEnd:
    """The cloud's end for one connection; `nonce` must be fresh random bytes."""

    def __init__(self, nonce: bytes) -> None:
        self.state = "opening"
        self.nonce = nonce
        self.outbox: list[link.ToEdge] = [link.Challenge(nonce)]
        self.durable_seq = 0
        self.durable_hash = b""
        self.taken_seq = 0
        self.peer_counts_bytes = False
        self.credit = 0
        self.credit_bytes = 0
        self._allowed_seq = 0
        self._allowed_bytes = 0
        self._flight = Flight()
        self._resend_after: int | None = None

    def receive(self, message: link.ToCloud, server_time_ms: int) -> CloudEvent | None:
        """Take one message; answers go to `outbox`. Raises `ProtocolViolation`."""
        if type(message) not in CLOUD_STATES[self.state]:
            raise ProtocolViolation(f"{type(message).__name__} while {self.state}")
        self.state = CLOUD_STATES[self.state][type(message)]
        match message:
            case link.Hello():
                return self._judge(message)
            case link.Up():
                return self._run(message)
            case link.DownAck():
                return Applied(message.stream, message.seq)
            case link.Status():
                return Telemetry(message)
            case link.Digest():
                return message
            case link.Ping():
                self.outbox.append(link.Pong(message.token, server_time_ms))
                return None
            case link.Pong():
                return Heard(message.token, message.server_time_ms)

    def _judge(self, message: link.Hello) -> Judge:
        try:
            greeting = link.greeting.decode(message.greeting)
        except UNREADABLE as error:
            raise ProtocolViolation(f"unreadable greeting: {error}") from error
        if greeting.nonce != self.nonce:
            raise ProtocolViolation("the greeting answers another challenge")
        self.peer_counts_bytes = greeting.protocols[1] >= 2
        return Judge(greeting, message.greeting, message.signature)

    def welcome(self, message: link.Welcome) -> None:
        """The verdict on the hello."""
        self.outbox.append(message)
        self.state = state_after(message)
        if self.state == "refused":
            return
        self.durable_seq, self.durable_hash = message.durable_seq, message.durable_hash
        self.taken_seq = message.durable_seq
        self.credit, self.credit_bytes = message.credit, message.credit_bytes
        self._allow()

    def _allow(self) -> None:
        """A credit that was told holds, also when a later one is smaller."""
        self._allowed_seq = max(self._allowed_seq, self.durable_seq + self.credit)
        self._allowed_bytes = max(self._allowed_bytes, self.credit_bytes)

    def _run(self, message: link.Up) -> Run | None:
        """Keep what is new of a run: runs follow each other, several may be on their way into Postgres.

        What was taken before is trimmed off, and acknowledged again once it is durable; a gap asks for a
        resend, once.
        """
        last_seq = message.first_seq + len(message.records) - 1
        if message.first_seq < 1 or last_seq > self._allowed_seq:
            raise ProtocolViolation(
                f"a run from {message.first_seq} to {last_seq} beyond {self._allowed_seq}"
            )
        if message.first_seq > self.taken_seq + 1:
            if self._resend_after != self.taken_seq:
                self._resend_after = self.taken_seq
                self.outbox.append(link.Resend(self.taken_seq))
            return None
        self._resend_after = None
        if last_seq <= self.durable_seq:
            self._allow()
            self._acknowledge()
            return None
        if last_seq <= self.taken_seq:
            return None
        first_seq, self.taken_seq = self.taken_seq + 1, last_seq
        records = message.records[first_seq - message.first_seq :]
        self._weigh(last_seq, records)
        return Run(first_seq, records, message.chain_hash)

    def _weigh(self, last_seq: int, records: tuple[bytes, ...]) -> None:
        """What is taken and not durable is held in memory, so a box may not send more than it was told.

        One record may pass the bound. A box of protocol 1 was told of no bytes, and is held by facts alone.
        """
        self._flight.left(last_seq, sum(map(len, records)))
        if not self.peer_counts_bytes or self._flight.bytes <= self._allowed_bytes:
            return
        if len(records) > 1:
            raise ProtocolViolation(f"{self._flight.bytes} bytes under way, {self._allowed_bytes} allowed")

    def _acknowledge(self) -> None:
        ack = link.UpAck(self.durable_seq, self.durable_hash, self.credit, self.credit_bytes)
        self.outbox.append(ack)

    def committed(self, seq: int, chain_hash: bytes) -> None:
        """Postgres has everything up to `seq`: acknowledge it."""
        self.durable_seq, self.durable_hash = seq, chain_hash
        self._flight.landed(seq)
        self._allow()
        self._acknowledge()

    def compared(self, bucket: int, outcome: str) -> None:
        """What came of a digest."""
        self.outbox.append(link.Compared(bucket, outcome))

    def send_down(self, stream: str, entries: tuple[link.Entry, ...]) -> None:
        """Entries of a stream, in order."""
        self.outbox.append(link.Down(stream, entries))

    def ping(self, token: int) -> None:
        """Ask for a sign of life; the shell holds the deadline."""
        if self.state in FLOWING:
            self.outbox.append(link.Ping(token))
