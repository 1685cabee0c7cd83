"""A box without a venue around it: claims, says hello and sends runs through the real `EdgeEnd`.

Stands where `edge/adapters/cloud/link/` stands, on a journal made by `tests.venue_day`, so that a test
can be as rude as it likes with frames, cursors and keys.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import link
from protocol.link_machine import (
    Acknowledged,
    Arrived,
    EdgeEnd,
    EdgeEvent,
    Greet,
    Live,
    Orphaned,
    TurnedAway,
)
from tests.venue_day import VenueDay

_PATIENCE_S = 60.0

T = TypeVar("T")


class Gone(Exception):
    """The cloud closed the connection; `code` is its close code."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


class FakeBox:
    """Key, ids, journal and cursors of one box; survives any number of connections."""

    def __init__(self, seed: int = 0) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.node_id = str(uuid4())
        self.log_id = str(uuid4())
        self.venue_id = str(uuid4())
        self.epoch = 1
        self.life = str(uuid4())
        self.acked_seq = 0
        self.cursors: dict[str, int] = {}
        self.down: dict[str, list[bytes]] = {stream: [] for stream in link.STREAMS}
        self.seed = seed
        self.day = VenueDay(self.log_id, seed=seed)
        #: How long it waits for anything that it needs to go on.
        self.patience_s = _PATIENCE_S

    async def claim(self, http: aiohttp.ClientSession, url: str, code: str) -> tuple[int, dict[str, Any]]:
        """Ask for a place; status and body of the answer, taken to heart when it is 200."""
        raw = self.key.public_key().public_bytes_raw()
        body = {
            "code": code,
            "public_key": b64encode(raw).decode(),
            "node_id": self.node_id,
            "log_id": self.log_id,
            "tail_seq": self.day.tail_seq,
            "protocol": link.PROTOCOLS[1],
        }
        async with http.post(f"{url}/api/edge/claim", json=body) as response:
            answer = await response.json()
        if response.status == 200:
            self.venue_id, self.epoch = answer["venue_id"], answer["epoch"]
            self.day = VenueDay(self.log_id, answer["restaurant_id"], self.seed)
        return response.status, answer

    def greeting(self, nonce: bytes) -> link.Greeting:
        """What this box says of itself."""
        return link.Greeting(
            nonce=nonce,
            venue_id=self.venue_id,
            node_id=self.node_id,
            epoch=self.epoch,
            log_id=self.log_id,
            protocols=link.PROTOCOLS,
            boot="boot-1",
            tail_seq=self.day.tail_seq,
            acked_seq=self.acked_seq,
            acked_hash=self.day.hashes[self.acked_seq],
            down_cursors=self.cursors,
            incarnation_seen="",
            clock_trusted=True,
            wall_ms=1_790_000_000_000,
            life=self.life,
        )

    @asynccontextmanager
    async def connect(self, http: aiohttp.ClientSession, url: str) -> "AsyncIterator[Wire]":
        """A socket on which nothing has been said yet."""
        async with http.ws_connect(f"{url}/link", max_msg_size=link.MOST_FRAME_BYTES + 1) as socket:
            yield Wire(self, socket)

    @asynccontextmanager
    async def online(self, http: aiohttp.ClientSession, url: str) -> "AsyncIterator[Wire]":
        """A link on which the hello is over, whatever the verdict."""
        async with self.connect(http, url) as wire:
            await wire.hello()
            yield wire

    async def persist(self, http: aiohttp.ClientSession, url: str) -> None:
        """Connect again and again, as a box does, until everything is acknowledged."""
        async with asyncio.timeout(_PATIENCE_S):
            while self.acked_seq < self.day.tail_seq:
                with suppress(Gone, aiohttp.ClientError):
                    async with self.online(http, url) as wire:
                        await wire.catch_up()


class Wire:
    """One connection of a box."""

    def __init__(self, box: FakeBox, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.box = box
        self.socket = socket
        self.end = EdgeEnd()
        self.welcome: link.Welcome | None = None

    async def hello(self, change: dict[str, object] | None = None) -> link.Welcome:
        """Answer the challenge; `change` replaces fields of an honest greeting."""
        greet = await self.next(Greet)
        greeting = msgspec.structs.replace(self.box.greeting(greet.nonce), **(change or {}))
        raw = msgspec.msgpack.encode(greeting)
        self.end.hello(raw, self.box.key.sign(raw))
        event = await self.event()
        assert isinstance(event, Live | Orphaned | TurnedAway)
        self.welcome = event.welcome
        if not isinstance(event, TurnedAway):
            self.box.acked_seq = event.welcome.durable_seq
        return event.welcome

    async def next(self, kind: type[T]) -> T:
        """The next event of this kind; others are taken care of as a box would."""
        while True:
            event = await self.event()
            if isinstance(event, kind):
                return event

    async def event(self) -> EdgeEvent:
        """The next event of any kind, taken to heart."""
        async with asyncio.timeout(self.box.patience_s):
            while True:
                await self.flush()
                event = self.end.receive(await self.receive())
                if isinstance(event, Acknowledged):
                    self.box.acked_seq = event.seq
                if isinstance(event, Arrived):
                    self._apply(event)
                    await self.flush()
                if event is not None:
                    return event

    def _apply(self, event: Arrived) -> None:
        for entry in event.entries:
            if entry.seq <= self.box.cursors.get(event.stream, 0):
                continue  # on disk already, by another connection
            assert entry.seq == self.box.cursors.get(event.stream, 0) + 1, "a down stream has a hole"
            self.box.cursors[event.stream] = entry.seq
            self.box.down[event.stream].append(entry.body)
        self.end.applied(event.stream, self.box.cursors[event.stream])

    async def receive(self) -> link.ToEdge:
        """The next message as it came, untouched by the machine."""
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise Gone(self.socket.close_code, str(message.extra or message.data))
        body = message.data[1:]
        if message.data[:1] == link.ZSTD:
            body = zstandard.ZstdDecompressor().decompress(body, max_output_size=link.MOST_FRAME_BYTES)
        decoded: link.ToEdge = link.to_edge.decode(body)
        return decoded

    async def answer(self, *kinds: type) -> link.ToEdge:
        """The next message of these kinds as it came, untouched by the machine; others are dropped."""
        async with asyncio.timeout(_PATIENCE_S):
            while not isinstance(message := await self.receive(), kinds):
                pass
        return message

    async def send(self, message: link.ToCloud) -> None:
        """Say anything, allowed or not."""
        body = link.encode(message)
        packed = zstandard.ZstdCompressor(level=1).compress(body)
        await self.socket.send_bytes(link.ZSTD + packed if len(packed) < len(body) else link.PLAIN + body)

    async def flush(self) -> None:
        """Send what the machine has to say."""
        outbox, self.end.outbox = self.end.outbox, []
        for message in outbox:
            await self.send(message)

    async def push(self, most: int = 1000) -> bool:
        """Send the next run, if the journal and the credit have room for one."""
        start = self.end.sent_seq
        records = tuple(self.box.day.records[start : start + min(most, self.end.room())])
        while len(records) > 1 and sum(map(len, records)) > self.end.room_bytes():
            records = records[: len(records) // 2]
        if not records:
            return False
        self.end.send_run(records, self.box.day.hashes[start + len(records)])
        await self.flush()
        return True

    async def catch_up(self, run: int = 1000) -> None:
        """Send the whole journal and wait until all of it is acknowledged."""
        while self.box.acked_seq < self.box.day.tail_seq:
            while await self.push(run):
                pass
            await self.next(Acknowledged)
