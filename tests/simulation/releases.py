"""Boxes and cloud processes of the last release, made of today's: what protocol 1 knew and what it did not.

Rule of the file: an old side never sees what it would have skipped in a message, never says what it had no
words for, and is never told what it could not have read; that last one is the present release's business and
a violation here. Each life of a box and each process of the cloud keeps its release until it ends, so a
history with this trouble goes through upgrades and steps back in any order, half of the cloud at a time.
"""

from collections.abc import Callable
from contextvars import ContextVar

import msgspec

from edge.adapters.cloud.link import CloudLink
from protocol import link
from protocol.link_machine import CloudEnd, CloudEvent, Judge
from tests.simulation import sometimes
from tests.simulation.chronicle import Chronicle

OLD, PRESENT = link.PROTOCOLS
#: What protocol 2 brought; whoever speaks 1 would not know them from noise.
_NEW_WORDS = (link.Digest, link.Compared)


class Releases(msgspec.Struct):
    """Under which release the next life of the box, and the next process of the cloud, will start."""

    box: int = PRESENT
    cloud: int = PRESENT


class _OldGreeting(msgspec.Struct, frozen=True):
    """`link.Greeting` as the last release wrote it."""

    nonce: bytes
    venue_id: str
    node_id: str
    epoch: int
    log_id: str
    protocols: tuple[int, int]
    boot: str
    tail_seq: int
    acked_seq: int
    acked_hash: bytes
    down_cursors: dict[str, int]
    incarnation_seen: str
    clock_trusted: bool
    wall_ms: int


class OldLink(CloudLink):
    """The link of a box of the last release."""

    def greeting(self, nonce: bytes) -> tuple[bytes, bytes]:
        """Without lives and forks, which it knew nothing of."""
        told = link.greeting.decode(super().greeting(nonce)[0])
        values = {name: getattr(told, name) for name in _OldGreeting.__struct_fields__}
        signed = link.encode(_OldGreeting(**{**values, "protocols": (OLD, OLD)}))
        return signed, self._key.sign(signed)


class OldCloudEnd(CloudEnd):
    """The cloud's end of the last release."""

    def receive(self, message: link.ToCloud, server_time_ms: int) -> CloudEvent | None:
        """What a newer box says besides is skipped, as a decoder skips a field that it does not know."""
        event = super().receive(message, server_time_ms)
        if not isinstance(event, Judge):
            return event
        self.peer_counts_bytes = False
        plain = msgspec.structs.replace(
            event.greeting, protocols=(OLD, OLD), life="", forked_seq=0, forked_hash=b""
        )
        return msgspec.structs.replace(event, greeting=plain)


#: The release of the process whose task is running.
speaking: ContextVar[int] = ContextVar("speaking", default=PRESENT)


def cloud_end(nonce: bytes) -> CloudEnd:
    """Stands where `CloudEnd` stands in the socket's shell."""
    return OldCloudEnd(nonce) if speaking.get() == OLD else CloudEnd(nonce)


def translator(chronicle: Chronicle) -> Callable[[bytes, str, int, int], bytes]:
    """What becomes of a frame on its way `up` or `down`, between a box and a cloud of these releases."""

    def between(frame: bytes, direction: str, box: int, cloud: int) -> bytes:
        if (box, cloud) == (PRESENT, PRESENT) or frame[:1] != link.PLAIN:
            return frame
        message = (link.to_cloud if direction == "up" else link.to_edge).decode(frame[1:])
        known = not isinstance(message, _NEW_WORDS)
        chronicle.expect(known, f"a peer that speaks protocol {OLD} was told a {type(message).__name__}")
        match message:
            case link.Welcome():
                if message.verdict in ("ok", "resend"):
                    chronicle.saw(sometimes.OLD_BOX if box == OLD else sometimes.OLD_CLOUD)
                    chronicle.expect(message.protocol == OLD, f"protocol {message.protocol} with an old peer")
                message = msgspec.structs.replace(message, credit_bytes=0, replaced_by=0, ticket="")
            case link.UpAck():
                message = msgspec.structs.replace(message, credit_bytes=0)
            case _:
                return frame
        return link.PLAIN + link.encode(message)

    return between
