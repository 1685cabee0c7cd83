"""The box's end of the link on a real socket: connect, prove who we are, send facts, apply what comes down.

All order is in `protocol.link_machine.EdgeEnd`; here are the socket, the deadlines, the reading of the
journal and the back-off. Nothing waits for the cloud: the journal goes on, and this task sends what is
there. Facts are read through a connection of its own and compressed in a thread, in runs small enough that
guests do not notice a catch-up.

Counterparts: `cloud/ingest/`; `claiming.py` made the box known there.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.clock import Now
from edge.core.link_frames import LEAST_COMPRESSED_BYTES, Frames
from edge.core.link_state import LinkState
from edge.journal.database import Box, LinkCursor, open_reader, read_commands_cursor, read_link
from edge.journal.digesting import take
from edge.journal.handed import Handed, NotNow
from edge.journal.hot import Hot
from edge.journal.uplink import NotKept, Outgoing, hash_at
from edge.journal.writer import Committed, Writer
from protocol import bucket, link
from protocol.link_machine import (
    Acknowledged,
    Arrived,
    EdgeEnd,
    EdgeEvent,
    Greet,
    Heard,
    Live,
    Orphaned,
    ProtocolViolation,
    TurnedAway,
)
from protocol.link_patience import CONNECT_WITHIN_S, SENT_WITHIN_S, Patience

#: Facts in one frame: about 300 kB before compression.
MOST_A_RUN = 1000
PING_EVERY_S = 5.0
#: Every so many pings a digest is taken, if it is quiet.
DIGEST_EVERY = 6
FIRST_BACKOFF_S = 0.5
MOST_BACKOFF_S = 30.0

log = logging.getLogger(__name__)


class _Closed(Exception):
    """The conversation is over; the reason is for people."""


#: What ends a conversation and nothing more: the next one may go better, and the venue serves on meanwhile.
_PASSING = (_Closed, NotKept, NotNow, ProtocolViolation, OSError, aiohttp.ClientError, sqlite3.Error)


class CloudLink:
    """Keeps the link up for ever. `state` is read by others, `run` is the task."""

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
        self._box = box
        self._key = key
        self._writer = writer
        self._hot = hot
        self._clock = clock
        self._learn_time = learn_time
        self._reader: sqlite3.Connection
        self.handed = Handed(writer, clock)
        self._life = f"{clock().boot}:{random.getrandbits(64):016x}"
        self._forked = 0, b""
        #: The epoch of the box that has this one's place; 0 while nobody has.
        self.replaced_by = 0
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

    async def run(self) -> None:
        """Connect, talk, back off with full jitter, for ever."""
        with closing(open_reader(self.directory)) as self._reader:
            await self._keep_connecting()

    async def _keep_connecting(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            while True:
                # In a task of its own: the task group of a conversation that breaks just as somebody cancels
                # it forgets the cancellation (before Python 3.13), and this loop would go on without its box.
                talk = group.create_task(self._connect_once(session))
                await asyncio.wait([talk])
                backoff_s = FIRST_BACKOFF_S if talk.result() else min(backoff_s * 2, MOST_BACKOFF_S)
                await asyncio.sleep(random.uniform(0, backoff_s))

    async def _connect_once(self, session: aiohttp.ClientSession) -> bool:
        """One conversation; whether it ever became live."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                socket = await session.ws_connect(
                    f"{self._box.cloud_url}/link", max_msg_size=link.MOST_FRAME_BYTES, compress=0
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.down(str(error) or type(error).__name__)
            return False
        conversation = _Conversation(self, socket)
        try:
            async with socket:
                await conversation.run()
        except* _PASSING as group:
            self.down("; ".join(str(error) or type(error).__name__ for error in group.exceptions))
        return conversation.was_live

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
        now, cursor = self._clock(), read_link(self._reader)
        greeting = link.Greeting(
            nonce=nonce,
            venue_id=self._box.venue_id or "",
            node_id=self._box.node_id,
            epoch=self._box.epoch,
            log_id=self._box.log_id,
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
            "commands": read_commands_cursor(self._reader),
        }

    def status(self) -> link.Status:
        """Telemetry for the owner's page."""
        return link.Status(self._writer.durable_seq, self._clock().clock_trusted)

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
        return hash_at(self._reader, seq)

    def doubt(self, seq: int, ours: bytes) -> None:
        """The last welcome was for another journal; the next hello tells so, and the cloud judges."""
        self._forked = seq, ours

    def orphaned(self, welcome: link.Welcome) -> None:
        """Another box has this one's place: it may only say what nobody else has."""
        self.replaced_by = welcome.replaced_by
        self.down(welcome.message)
        self.turned.set()

    def turned_away(self, welcome: link.Welcome) -> None:
        """With a ticket this box may begin anew, under the next epoch, with what the cloud holds."""
        self._forked = 0, b""
        if welcome.ticket:
            self.ticket = welcome.ticket
            self.turned.set()

    def went_live(self, welcome: link.Welcome) -> None:
        """The cloud has welcomed the box."""
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


class _Conversation:
    """One socket's life: four tasks around one `EdgeEnd`."""

    def __init__(self, owner: CloudLink, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._owner = owner
        self._socket = socket
        self._end = EdgeEnd()
        self._incarnation = ""
        self._live = asyncio.Event()
        self._patience = Patience(asyncio.get_running_loop().time())
        self._frames = Frames()
        self.was_live = False

    async def run(self) -> None:
        """Until the socket closes or the peer falls silent; always leaves by an exception."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive())
            group.create_task(self._send_facts())
            group.create_task(self._keep_alive())

    async def _receive(self) -> None:
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.BINARY:
                raise _Closed("the cloud sent something that is not a frame of ours")
            self._patience.heard(asyncio.get_running_loop().time())
            event = self._end.receive(self._frames.unpack(frame.data))
            if event is not None:
                await self._handle(event)
            await self._flush()
        raise _Closed(f"the cloud closed the link ({self._socket.close_code})")

    async def _handle(self, event: EdgeEvent) -> None:
        match event:
            case Greet(nonce=nonce):
                self._end.hello(*self._owner.greeting(nonce))
            case Live(welcome=welcome):
                self._go_live(welcome)
            case Orphaned(welcome=welcome):
                self._go_orphaned(welcome)
            case TurnedAway(welcome=welcome):
                self._owner.turned_away(welcome)
                raise _Closed(f"the cloud turned this box away: {welcome.verdict}. {welcome.message}")
            case Acknowledged(seq=seq, chain_hash=chain_hash):
                self._patience.acknowledged(asyncio.get_running_loop().time())
                self._compare(seq, chain_hash)
                self._owner.acknowledged(seq, chain_hash, self._incarnation)
                self._owner.wake.set()
            case Arrived(stream=stream, entries=entries):
                for entry in entries:
                    if await self._owner.handed.apply(stream, entry):
                        self._end.applied(stream, entry.seq)
            case link.Compared() | Heard():
                self._owner.heard(event)

    def _go_live(self, welcome: link.Welcome) -> None:
        if welcome.durable_seq > self._owner.tail_seq:
            raise _Closed("the cloud has more of this journal than the box: the disk has lost data")
        self._believe(welcome)
        self._owner.went_live(welcome)
        self._live.set()
        self._owner.wake.set()

    def _go_orphaned(self, welcome: link.Welcome) -> None:
        self._owner.orphaned(welcome)
        self._believe(welcome)
        self._owner.acknowledged(welcome.durable_seq, welcome.durable_hash, welcome.incarnation)
        self._live.set()
        self._owner.wake.set()

    def _believe(self, welcome: link.Welcome) -> None:
        ours = self._owner.hash_at(welcome.durable_seq)
        if ours is not None and ours != welcome.durable_hash:
            self._owner.doubt(welcome.durable_seq, ours)
        self._compare(welcome.durable_seq, welcome.durable_hash)
        self.was_live = True
        self._incarnation = welcome.incarnation

    def _compare(self, seq: int, chain_hash: bytes) -> None:
        """A box that believed in another journal's hash would be turned away for it at every hello."""
        if self._owner.hash_at(seq) != chain_hash:
            raise _Closed(f"the cloud holds another journal than this box up to fact {seq}")

    async def _send_facts(self) -> None:
        """Send dense runs while there are facts and credit."""
        await self._live.wait()
        with closing(Outgoing(self._owner.directory)) as outgoing:
            await self._send_what_comes(outgoing)

    async def _send_what_comes(self, outgoing: Outgoing) -> None:
        end = self._end
        while True:
            await self._owner.wake.wait()
            self._owner.wake.clear()
            while (count := min(end.room(), MOST_A_RUN, self._unsent())) > 0:
                after_seq = end.sent_seq
                run = await outgoing.read(after_seq, count, end.room_bytes())
                if end.sent_seq == after_seq:  # nobody asked for a resend while it was read
                    end.send_run(*run)
                    await self._flush()

    def _unsent(self) -> int:
        return self._owner.tail_seq - self._end.sent_seq

    async def _keep_alive(self) -> None:
        """Ping, report, and give up on a silent peer."""
        token = 0
        while True:
            await asyncio.sleep(PING_EVERY_S)
            owed = self._end.sent_seq > self._end.acked_seq
            if complaint := self._patience.complaint(asyncio.get_running_loop().time(), owed=owed):
                raise _Closed(complaint)
            token += 1
            await self._digest(token)
            self._end.ping(token)
            self._end.status(self._owner.status())
            await self._flush()

    async def _digest(self, turn: int) -> None:
        """In step and quiet: say what one bucket of the tables comes to, another one each time."""
        end, seq = self._end, self._owner.tail_seq
        if turn % DIGEST_EVERY or end.state != "live" or end.protocol < 2 or end.acked_seq != seq:
            return
        of_bucket = (turn // DIGEST_EVERY) % bucket.BUCKETS
        if told := await asyncio.to_thread(take, self._owner.directory, seq, of_bucket):
            end.digest(told)

    async def _flush(self) -> None:
        outbox, self._end.outbox = self._end.outbox, []
        for message in outbox:
            frame = await self._pack(link.encode(message))
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._socket.send_bytes(frame)

    async def _pack(self, payload: bytes) -> bytes:
        """A run is packed in a thread, so that guests do not wait for it; anything small at once."""
        if len(payload) < LEAST_COMPRESSED_BYTES:
            return self._frames.pack(payload)
        return await asyncio.to_thread(self._frames.pack, payload)
