"""A crowd of phones in one process, cheap enough not to be what is measured.

A WebSocket client of its own: it parses frame headers and looks for its own `mid`, and leaves everything else
unread. Each phone keeps exactly one mutation under way: it sends the next when it has seen its own. Runs as
a program: reads a `Plan` as JSON on standard input, writes a `Result` as JSON to the file that is named.
"""

import asyncio
import base64
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec

from protocol.identity import uuid7


class PhonePlan(msgspec.Struct):
    """One phone: where it connects, with which token, and the line it keeps changing."""

    path: str
    token: str
    item_id: int
    version: int


class Plan(msgspec.Struct):
    """What a crowd does. `payload` is what is sent instead of a mutation when talking to the relay."""

    url: str
    tables: list[list[PhonePlan]]
    seconds: float
    warm_up_s: float
    payload: str | None = None


class Result(msgspec.Struct):
    """Mutations per second, frames received, and round trips in seconds, sorted."""

    mutations: int
    frames: int
    seconds: float
    round_trips_s: list[float]


class Phone(asyncio.Protocol):
    """One socket; `on_own` is called when this phone's own mutation has come back."""

    def __init__(self, plan: PhonePlan, host: str, payload: str | None) -> None:
        self.plan = plan
        self.host = host
        self.frames = 0
        self.round_trips: list[float] = []
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._payload = payload
        self._mid = b""
        self._sent = 0.0
        self._sequence = 0
        self.running = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Upgrade (RFC 6455 §4.1)."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            (
                f"GET {self.plan.path} HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                f"Authorization: Bearer {self.plan.token}\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count frames, react to our own."""
        self._buffer += data
        if not self.open.done():
            head, found, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head[:20]:
                self.open.set_exception(ConnectionError(head.decode()))
                return
            self.open.set_result(None)
        self._frames()

    def _frames(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                if len(buffer) - at < 4:
                    break
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            if len(buffer) < start + size:
                break
            if buffer[at] == 0x81:
                self.frames += 1
                if buffer.find(self._mid, start, start + size) >= 0:
                    self._came_back(buffer[start : start + size])
            at = start + size
        self._buffer = buffer[at:]

    def _came_back(self, payload: bytes) -> None:
        if b'"type":"error"' in payload:
            raise RuntimeError(payload.decode())
        self.round_trips.append(time.perf_counter() - self._sent)
        self.plan.version += 1
        if self.running:
            self.send()

    def send(self) -> None:
        """The next mutation, masked as clients must (RFC 6455 §5.3), with a zero mask."""
        self._sequence += 1
        mid = uuid7(time.time_ns() // 1_000_000, os.urandom(10))
        self._mid = mid.encode()
        if self._payload is None:
            plan = self.plan
            text = (
                f'{{"type":"cart_mutate","op":"update","id":{plan.item_id},"version":{plan.version},'
                f'"qty":{1 + self._sequence % 9},"mid":"{mid}"}}'
            )
        else:
            text = self._payload.replace("MID", mid)
        body = text.encode()
        head = (
            bytes((0x81, 0x80 | len(body))) if len(body) < 126 else b"\x81\xfe" + len(body).to_bytes(2, "big")
        )
        self._sent = time.perf_counter()
        self.transport.write(head + b"\0\0\0\0" + body)


async def crowd(plan: Plan) -> Result:
    """Run the plan."""
    url = urlsplit(plan.url)
    loop = asyncio.get_running_loop()
    phones: list[Phone] = []
    for table in plan.tables:
        for each in table:
            make = partial(Phone, each, url.netloc, plan.payload)
            _, phone = await loop.create_connection(make, str(url.hostname), url.port or 80)
            await phone.open
            phones.append(phone)
    for phone in phones:
        phone.running = True
        phone.send()
    await asyncio.sleep(plan.warm_up_s)
    for phone in phones:
        phone.round_trips.clear()
        phone.frames = 0
    started = time.perf_counter()
    await asyncio.sleep(plan.seconds)
    seconds = time.perf_counter() - started
    trips = sorted(trip for phone in phones for trip in phone.round_trips)
    frames = sum(phone.frames for phone in phones)
    for phone in phones:
        phone.running = False
    return Result(len(trips), frames, seconds, trips)


def main() -> None:
    """Plan on standard input, result in the named file."""
    import uvloop

    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(uvloop.run(crowd(plan))))


if __name__ == "__main__":
    main()
