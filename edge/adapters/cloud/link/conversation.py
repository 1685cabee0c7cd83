"""One socket's life: what comes in, what goes out, and the deadlines of both.

All order is in `protocol.link_machine.EdgeEnd`. Facts are read through a connection of their own and
compressed in a thread, in runs small enough that guests do not notice a catch-up. Every wait for the network
has a deadline. Counterpart: `cloud/ingest/socket.py`.
"""

import asyncio
import sqlite3
from collections.abc import Coroutine
from contextlib import closing

import aiohttp

from edge.adapters.cloud.link.side import Side
from edge.core.afar.lane import Lane, Telling
from edge.core.afar.link_frames import LEAST_COMPRESSED_BYTES, Frames
from edge.journal.digesting import take
from edge.journal.handed import NotNow
from edge.journal.uplink import NotKept, Outgoing
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
from protocol.link_patience import SENT_WITHIN_S, Patience

#: Facts in one frame: about 300 kB before compression.
MOST_A_RUN = 1000
PING_EVERY_S = 5.0
#: Every so many pings a digest is taken, if it is quiet.
DIGEST_EVERY = 6
#: Every so many pings it is counted what the cloud lacks, while it lacks much.
WORTH_EVERY = 3


class Closed(Exception):
    """The conversation is over; the reason is for people."""


#: What ends a conversation and nothing more: the next one may go better, and the venue serves on meanwhile.
_PASSING = (
    Closed,
    NotKept,
    NotNow,
    ProtocolViolation,
    OSError,
    TimeoutError,
    aiohttp.ClientError,
    sqlite3.Error,
)


class Conversation:
    """One socket's life: four tasks around one `EdgeEnd`."""

    def __init__(self, owner: Side, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._owner = owner
        self._socket = socket
        self._end = EdgeEnd()
        self._incarnation = ""
        self._live = asyncio.Event()
        self._patience = Patience(asyncio.get_running_loop().time())
        self._frames = Frames()
        self._lane = Lane()
        self._unsynced_minor: int | None = None
        self._live_since_s: float | None = None
        self._over = asyncio.Event()
        self._reasons: list[str] = []

    @property
    def lived_s(self) -> float | None:
        """For how long the cloud's welcome has stood; None if it was never given."""
        since_s = self._live_since_s
        return None if since_s is None else asyncio.get_running_loop().time() - since_s

    async def run(self) -> str:
        """Until the socket closes or the peer falls silent; why, in words.

        What a task stumbles over stays in this class. A group of which a task fails while it is cancelled
        raises the failure in place of the cancellation, and a link that is told to end would go on.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._until_over(work))
                for work in (self._receive(), self._send_facts(), self._keep_alive())
            ]
            await self._over.wait()
            for task in tasks:
                task.cancel()
        return "; ".join(self._reasons)

    async def _until_over(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except _PASSING as error:
            self._reasons.append(str(error) or type(error).__name__)
            self._over.set()

    async def _receive(self) -> None:
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.BINARY:
                raise Closed("the cloud sent something that is not a frame of ours")
            self._patience.heard(asyncio.get_running_loop().time())
            event = self._end.receive(self._frames.unpack(frame.data))
            if event is not None:
                await self._handle(event)
            await self._flush()
        raise Closed(f"the cloud closed the link ({self._socket.close_code})")

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
                raise Closed(f"the cloud turned this box away: {welcome.verdict}. {welcome.message}")
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
            raise Closed("the cloud has more of this journal than the box: the disk has lost data")
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
        self._live_since_s = asyncio.get_running_loop().time()
        self._incarnation = welcome.incarnation

    def _compare(self, seq: int, chain_hash: bytes) -> None:
        """A box that believed in another journal's hash would be turned away for it at every hello."""
        if self._owner.hash_at(seq) != chain_hash:
            raise Closed(f"the cloud holds another journal than this box up to fact {seq}")

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
                raise Closed(complaint)
            token += 1
            await self._digest(token)
            self._end.ping(token)
            await self._report(token)
            await self._flush()

    async def _report(self, turn: int) -> None:
        """Telemetry; readings are left out while facts wait for room."""
        crowded = self._unsent() > 0 and self._end.room() == 0
        telling = Telling() if crowded else self._owner.readings(self._lane)
        if turn % WORTH_EVERY == 1 or self._unsent() == 0:
            self._unsynced_minor = await self._owner.unsynced_minor()
        self._end.status(self._owner.status(self._unsynced_minor, telling))

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
