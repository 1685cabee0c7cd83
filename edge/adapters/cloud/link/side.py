"""This side of the link: what the box says of itself, what it has learnt, and who wants to know.

Everything here is read from the journal or was told by the cloud; nothing is sent from here and no socket
is known. `dialling.py` keeps the link up, `conversation.py` speaks over one socket; both go by this.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.afar.lane import Lane, Telling
from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.journal.database import Box, LinkCursor, read_commands_cursor, read_link
from edge.journal.handed import Handed
from edge.journal.hot import Hot
from edge.journal.uplink import hash_at
from edge.journal.writer import Committed, Writer
from protocol import link
from protocol.link_machine import Heard
from protocol.telemetry import Reading

log = logging.getLogger(__name__)


async def _not_known() -> int | None:
    """Nobody here can say."""
    return None


class Side:
    """One box as its link sees it. `state` is read by others; `reader` is there while the link runs."""

    def __init__(
        self,
        *,
        directory: Path,
        box: Box,
        key: Ed25519PrivateKey,
        writer: Writer,
        hot: Hot,
        clock: Callable[[], Now],
        learn_time: Callable[[int], None],
    ) -> None:
        self.state = LinkState()
        self._listeners: list[Callable[[], None]] = []
        self.directory = directory
        self.box = box
        self._key = key
        self._writer = writer
        self._hot = hot
        self._clock = clock
        self._learn_time = learn_time
        self.reader: sqlite3.Connection
        self.handed = Handed(writer, clock)
        #: What the things of the venue are like, and what the cloud lacks; set by whoever knows.
        self.gauges: Callable[[], tuple[Reading, ...]] = tuple
        self.worth: Callable[[], Awaitable[int | None]] = _not_known
        self._life = f"{clock().boot}:{random.getrandbits(64):016x}"
        self._forked = 0, b""
        #: The epoch of the box that has this one's place; 0 while nobody has.
        self.replaced_by = 0
        #: Whether the cloud does not know this box, after it was restored for instance.
        self.disowned = False
        #: A claim code for this very box, after its disk has lost facts.
        self.ticket = ""
        #: Whether the cloud has found that this box's tables are not what its facts say.
        self.differs = False
        #: Set when either of the two above is there.
        self.turned = asyncio.Event()
        self._wake = asyncio.Event()
        writer.listen(self._hear)

    def _hear(self, _batch: list[Committed]) -> None:
        self._wake.set()

    def down(self, reason: str) -> None:
        """Note that nothing flows, and why."""
        if self.state.state != "down":
            log.warning("link down: %s", reason)
        self.state.state = "down"
        self.state.message = reason
        self._tell()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `state` has changed."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    # ── used by a conversation ───────────────────────────────────────────────────────────────────

    def greeting(self, nonce: bytes) -> tuple[bytes, bytes]:
        """The signed greeting: bytes and signature."""
        now, cursor = self._clock(), read_link(self.reader)
        greeting = link.Greeting(
            nonce=nonce,
            venue_id=self.box.venue_id or "",
            node_id=self.box.node_id,
            epoch=self.box.epoch,
            log_id=self.box.log_id,
            protocols=link.PROTOCOLS,
            boot=now.boot,
            tail_seq=self._writer.durable_seq,
            acked_seq=cursor.acked_seq,
            acked_hash=cursor.acked_hash,
            down_cursors=self._down_cursors(),
            incarnation_seen=cursor.incarnation,
            clock_trusted=now.clock_trusted,
            wall_ms=now.wall_ms,
            life=self._life,
            forked_seq=self._forked[0],
            forked_hash=self._forked[1],
        )
        signed = link.encode(greeting)
        return signed, self._key.sign(signed)

    def _down_cursors(self) -> dict[str, int]:
        menu, venue = self._hot.committed_menu(), self._hot.committed_venue()
        return {
            "menu": menu.down_seq if menu else 0,
            "config": venue.down_seq if venue else 0,
            "commands": read_commands_cursor(self.reader),
        }

    def readings(self, lane: Lane) -> Telling:
        """What a connection should tell of the things now; nothing that is wrong with it costs the link."""
        try:
            return lane.take(self.gauges(), self._clock().mono_ns / 1e9)
        except Exception:
            log.exception("nothing can be told of the things here")
            return Telling()

    async def unsynced_minor(self) -> int | None:
        """What the orders come to that the cloud does not have whole; None where that is not known."""
        behind = self._writer.durable_seq > self.state.acked_seq
        return await self.worth() if behind else 0

    def status(self, unsynced_minor: int | None, telling: Telling) -> link.Status:
        """Telemetry for the owner's page."""
        seq, trusted = self._writer.durable_seq, self._clock().clock_trusted
        return link.Status(seq, trusted, unsynced_minor, telling.readings, telling.whole)

    @property
    def tail_seq(self) -> int:
        """The last fact on disk."""
        return self._writer.durable_seq

    @property
    def wake(self) -> asyncio.Event:
        """Set when there may be something to send."""
        return self._wake

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of this box's journal after the fact `seq`; None where it has none."""
        return hash_at(self.reader, seq)

    def doubt(self, seq: int, ours: bytes) -> None:
        """The last welcome was for another journal; the next hello tells so, and the cloud judges."""
        self._forked = seq, ours

    def orphaned(self, welcome: link.Welcome) -> None:
        """Another box has this one's place: it may only say what nobody else has."""
        self.stand_down(welcome.replaced_by, welcome.message)

    def stand_down(self, epoch: int, why: str) -> None:
        """The box of `epoch` has this one's place, whoever told it: the cloud need not be there."""
        self.replaced_by = epoch
        self.down(why)
        self.turned.set()

    def turned_away(self, welcome: link.Welcome) -> None:
        """With a ticket this box may begin anew, under the next epoch, with what the cloud holds."""
        self._forked = 0, b""
        self.disowned = welcome.verdict == "unknown"
        if welcome.ticket:
            self.ticket = welcome.ticket
            self.turned.set()

    def went_live(self, welcome: link.Welcome) -> None:
        """The cloud has welcomed the box."""
        self.disowned = False
        self._learn_time(welcome.server_time_ms)
        self.acknowledged(welcome.durable_seq, welcome.durable_hash, welcome.incarnation)

    def heard(self, event: link.Compared | Heard) -> None:
        """The cloud is there and told its time, or has held a digest of ours against its tables."""
        if isinstance(event, Heard):
            self._learn_time(event.server_time_ms)
            self.state.last_sync_ms = self._clock().wall_ms
            return
        self.differs = event.outcome == "yours"
        if self.differs:
            log.error("this box shows other figures than its journal says: run holdfast-edge doctor")

    def acknowledged(self, seq: int, chain_hash: bytes, incarnation: str) -> None:
        """The cloud has everything up to `seq`."""
        now = self._clock()
        self.state.acked_seq = seq
        self.state.last_sync_ms = now.wall_ms
        self._writer.remember_link(LinkCursor(seq, chain_hash, now.wall_ms, incarnation))
        if self.replaced_by:
            self._tell()
            return
        in_step = seq >= self._writer.durable_seq
        self.state.state = "live" if in_step else "catching_up"
        well = "in step with the cloud" if in_step else "catching up"
        self.state.message = "; ".join([well, *self.handed.passed_over.values()])
        self._tell()
