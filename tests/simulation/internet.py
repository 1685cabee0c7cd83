"""The line between box and cloud: WebSockets that keep their order as TCP does, and nothing else for certain.

A frame takes a while. While a direction is blocked its frames wait, as TCP's do; when the connection ends,
what has not arrived is lost. An end may notice that, at once or late, or never. `Line` is what trouble turns;
`End` has the few methods of aiohttp's sockets that both shells use.

Frames are parcels here: TCP delivers a prefix of what was sent, and a WebSocket frame that is cut in the
middle is never handed over, so a cut at any byte is a cut between some two frames.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from itertools import count
from operator import itemgetter
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec
from aiohttp import WSMessage, WSMsgType

from tests.simulation.chronicle import Chronicle
from tests.simulation.fate import Moment
from tests.simulation.loop import VirtualLoop
from tests.simulation.releases import translator

_CLOSED = WSMessage(WSMsgType.CLOSED, None, None)
#: Frames that may be on their way before the sender has to wait.
_WINDOW = 64
#: Messages that are worth dying before and after; the others change nothing.
_WEIGHTY = ("hello", "welcome", "up_ack", "up", "resend", "down_ack", "down")
#: What the cloud says about the box's journal.
_WORDS = ("welcome", "up_ack", "resend")


#: Least time between two frames: timers of the very same instant fire in any order.
_BETWEEN_S = 1e-9


class Line(msgspec.Struct):
    """How the line is doing. Latency in seconds, odds per frame."""

    latency_s: float = 0.02
    up_blocked: bool = False
    down_blocked: bool = False
    repeated: float = 0.0
    dropped: float = 0.0
    #: Odds that one bit of a run is another one; nothing else on the link has a hash of its own.
    flipped: float = 0.0
    #: No new connection comes about.
    dead: bool = False

    def blocked(self, direction: str) -> bool:
        """Whether frames of `up` or `down` have to wait."""
        return self.up_blocked if direction == "up" else self.down_blocked


class End:
    """One side's socket. `moment` is where its process can be struck as it sends and receives."""

    def __init__(self, wire: "Wire", direction: str, moment: Moment) -> None:
        self.wire = wire
        self.direction = direction
        self.moment = moment
        self.peer: End
        self.open = True
        self.close_code: int | None = None
        self._inbox: deque[WSMessage] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._handled: str | None = None

    # ── what the shells use ──────────────────────────────────────────────────────────────────────

    async def send_bytes(self, frame: bytes) -> None:
        """Give a frame to the line. Raises as aiohttp does when the socket is known to be closed."""
        await self.moment.going.wait()
        if not self.open:
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        kind = kind_of(frame)
        if kind in _WEIGHTY and self.moment.pass_by(f"{self.wire.side(self)}.send {kind}.before"):
            return
        if kind in _WORDS and self.direction == "down" and self.moment.alive:
            self.wire.watch(frame)
        self.wire.carry(self, frame)
        if kind in _WEIGHTY:
            self.moment.pass_by(f"{self.wire.side(self)}.send {kind}.after")
        await self.wire.room_for(self)

    async def receive(self) -> WSMessage:
        """The next frame, or CLOSED."""
        self._pass_handled()
        while not self._inbox:
            if not self.open:
                return _CLOSED
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        await self.moment.going.wait()
        message = self._inbox.popleft()
        if message.type is not WSMsgType.BINARY:
            return _CLOSED
        kind = kind_of(message.data)
        if kind in _WEIGHTY:
            self._handled = kind
            self.moment.pass_by(f"{self.wire.side(self)}.receive {kind}.before")
        return message

    def _pass_handled(self) -> None:
        if self._handled is not None:
            self.moment.pass_by(f"{self.wire.side(self)}.receive {self._handled}.after")
            self._handled = None

    async def close(self, *, code: int = 1000, message: bytes = b"") -> None:
        """Say goodbye; the peer hears of it if the line lets it."""
        if self.open:
            self.shut()
            self.wire.farewell(self, code)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WSMessage:
        message = await self.receive()
        if message.type is WSMsgType.CLOSED:
            raise StopAsyncIteration
        return message

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ── what the line does ───────────────────────────────────────────────────────────────────────

    def deliver(self, message: WSMessage) -> None:
        """A frame has arrived, or the news that there will be no more."""
        if not self.open:
            return
        if message.type is WSMsgType.CLOSED:
            self.shut()
        else:
            self._inbox.append(message)
        self._wake()

    def shut(self) -> None:
        """Nothing can be sent any more, and nothing comes that has not arrived."""
        self.open = False
        self.wire.stir()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Wire:
    """One connection: two ends and what is on its way between them."""

    def __init__(self, internet: "Internet", edge: Moment, cloud: Moment) -> None:
        self._internet = internet
        self.edge = End(self, "up", edge)
        self.cloud = End(self, "down", cloud)
        self.edge.peer, self.cloud.peer = self.cloud, self.edge
        self.on_their_way = {"up": 0, "down": 0}
        #: Nothing gets through any more, whether anybody knows or not.
        self.severed = False
        self._moved = asyncio.Event()
        #: Frames in the order in which they were sent, whether they had been on their way already or not.
        self._waiting: dict[str, list[tuple[int, WSMessage]]] = {"up": [], "down": []}
        self._serials = count()
        self._last_s = {"up": 0.0, "down": 0.0}

    def watch(self, frame: bytes) -> None:
        """The cloud's word is leaving."""
        self._internet.watch(frame)

    def stir(self) -> None:
        """Something about an end has changed; whoever waits for room looks again."""
        self._moved.set()

    def side(self, end: End) -> str:
        """Whose end it is, for the names of points."""
        return "box" if end is self.edge else "cloud"

    def carry(self, end: End, frame: bytes) -> None:
        """Take a frame from one end to the other; the middle of the line may repeat, lose or damage it."""
        line, dice = self._internet.line, self._internet.dice
        frame = self._internet.translate(
            frame, end.direction, self.edge.moment.release, self.cloud.moment.release
        )
        copies = 1
        if line.repeated or line.dropped:
            copies = 2 if dice.random() < line.repeated else 0 if dice.random() < line.dropped else 1
        # Runs have numbers by which a hole is seen, and what else goes up is said again; the rest is not.
        if not copies and (end.direction == "down" or kind_of(frame) == "down_ack"):
            self.sever((0.0, 0.0))
        if line.flipped and end.direction == "up" and kind_of(frame) == "up" and dice.random() < line.flipped:
            frame = _damaged(frame, dice)
        for _ in range(copies):
            self._put(end, WSMessage(WSMsgType.BINARY, frame, None))

    def farewell(self, end: End, code: int) -> None:
        """The close frame travels behind everything that was sent."""
        end.peer.close_code = code
        self._put(end, _CLOSED)

    def _put(self, end: End, message: WSMessage) -> None:
        direction = end.direction
        if self.severed:
            return
        self.on_their_way[direction] += 1
        serial = next(self._serials)
        if self._internet.line.blocked(direction):
            self._waiting[direction].append((serial, message))
        else:
            self._fly(end, serial, message)

    def _fly(self, end: End, serial: int, message: WSMessage) -> None:
        loop, direction = self._internet.loop, end.direction
        delay_s = self._internet.dice.uniform(0.5, 1.5) * self._internet.line.latency_s
        at_s = max(loop.time() + delay_s, self._last_s[direction] + _BETWEEN_S)
        self._last_s[direction] = at_s
        loop.call_at(at_s, self._land, end, serial, message)

    def _land(self, end: End, serial: int, message: WSMessage) -> None:
        if self.severed:
            return
        if self._internet.line.blocked(end.direction):
            self._waiting[end.direction].append((serial, message))
            return
        self.on_their_way[end.direction] -= 1
        self._moved.set()
        end.peer.deliver(message)

    async def room_for(self, end: End) -> None:
        """Wait while too much is on its way in an end's direction."""
        while end.open and self.on_their_way[end.direction] > _WINDOW:
            self._moved.clear()
            await self._moved.wait()

    def resume(self) -> None:
        """Send on what waited for a direction that is open again."""
        for end in (self.edge, self.cloud):
            if not self._internet.line.blocked(end.direction):
                waiting, self._waiting[end.direction] = self._waiting[end.direction], []
                for serial, message in sorted(waiting, key=itemgetter(0)):
                    self._fly(end, serial, message)

    def sever(self, notice_s: tuple[float | None, float | None]) -> None:
        """Nothing gets through from now on; box and cloud notice after so many seconds, or never."""
        self.severed = True
        for end, after_s in zip((self.edge, self.cloud), notice_s, strict=True):
            if after_s is not None:
                self._internet.loop.call_later(after_s, end.deliver, _CLOSED)


def _damaged(frame: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(frame))
    return frame[:at] + bytes([frame[at] ^ 1 << dice.randrange(8)]) + frame[at + 1 :]


class Internet:
    """All connections, and the line that they share. `answer` gives a cloud's moment and takes its end."""

    def __init__(self, loop: VirtualLoop, dice: random.Random, chronicle: Chronicle) -> None:
        self.loop = loop
        self.dice = dice
        self.line = Line()
        self.chronicle = chronicle
        self.wires: list[Wire] = []
        self._changed = asyncio.Event()
        #: Sees what the cloud says about the box's journal, as it leaves.
        self.watch: Callable[[bytes], None] = lambda _frame: None
        self.answer: Callable[[Callable[[Moment], End]], bool] = lambda _accept: False
        self.translate = translator(chronicle)

    async def pass_over(self) -> None:
        """A request or its answer goes over the line. Raises as aiohttp does while nothing passes."""
        await asyncio.sleep(self.dice.uniform(0.5, 1.5) * self.line.latency_s)
        if self.line.dead or self.line.up_blocked or self.line.down_blocked:
            await asyncio.sleep(self.dice.uniform(0.1, 5.0))
            raise aiohttp.ClientConnectionError("Cannot connect to the cloud")

    async def dial(self, moment: Moment) -> Any:
        """A box opens a connection; hangs while nothing passes, raises as aiohttp does if nobody answers."""
        await asyncio.sleep(2 * self.line.latency_s)
        await self._passable()
        made: list[Wire] = []

        def accept(cloud: Moment) -> End:
            made.append(Wire(self, moment, cloud))
            return made[0].cloud

        if self.line.dead or not self.answer(accept):
            raise aiohttp.ClientConnectionError("Cannot connect to the cloud")
        self.wires = [wire for wire in self.wires if not wire.severed and (wire.edge.open or wire.cloud.open)]
        self.wires.append(made[0])
        return made[0].edge

    async def _passable(self) -> None:
        """Wait until frames pass both ways."""
        while self.line.up_blocked or self.line.down_blocked:
            self._changed.clear()
            await self._changed.wait()

    def settle(self) -> None:
        """After the line was changed: what waited goes on where it can."""
        self._changed.set()
        for wire in self.wires:
            wire.resume()

    def hang_up(self, end_of: Moment) -> None:
        """A process is gone: its peers hear of it from its kernel, soon, late or never."""
        for wire in self.wires:
            if wire.severed or end_of not in (wire.edge.moment, wire.cloud.moment):
                continue
            notice_s = self.dice.choice((0.05, 0.05, 1.0, None))
            mine = wire.edge if wire.edge.moment is end_of else wire.cloud
            wire.sever((None, notice_s) if mine is wire.edge else (notice_s, None))
            mine.shut()


def kind_of(frame: bytes) -> str:
    """The message's name, which stands first in a plain frame. What is compressed is one with content."""
    if frame[:1] == b"\x01":
        return "up"
    found = frame[1:24].partition(b"type")[2]
    size = found[0] & 0x1F if found else 0
    return found[1 : 1 + size].decode("ascii", "replace")
