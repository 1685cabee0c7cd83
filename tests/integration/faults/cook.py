"""A kitchen screen on MQTT that brings every ticket it is shown to the end, whatever the broker does.

It acts on snapshots: each open ticket gets the steps that are left to it, every step under a `mid` that names
it. So a step whose ack was lost is taken again with the next snapshot, and one that arrived counts once. It
speaks just enough MQTT 3.1.1 by itself, byte by byte, as the cheapest of devices would.
"""

import asyncio
import json
from itertools import count

from edge.adapters.kitchen.mqtt import BrokerAddress, address_of
from protocol.kitchen import topic

STEPS = ("received", "accepted", "preparing", "ready", "served")
_AGAIN_AFTER_S = 0.05
_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE = 1, 2, 3, 4, 8


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    """Fixed header with the remaining length in sevens of bits (MQTT 3.1.1 §2.2), then the body."""
    length, size = b"", len(body)
    while True:
        size, seven = divmod(size, 128)
        length += bytes((seven | (0x80 if size else 0),))
        if not size:
            return bytes((kind << 4 | flags,)) + length + body


async def _read_packet(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    """Kind, flags and body of the next packet."""
    (head,) = await reader.readexactly(1)
    size, shift = 0, 0
    while True:
        (seven,) = await reader.readexactly(1)
        size |= (seven & 0x7F) << shift
        shift += 7
        if seven < 0x80:
            return head >> 4, head & 0x0F, await reader.readexactly(size)


def _hello(address: BrokerAddress) -> bytes:
    """CONNECT with user and password, a clean session, and no keep-alive (§3.1)."""
    who = _text("cook") + _text(address.user or "") + _text(address.password or "")
    return _packet(_CONNECT, 0, _text("MQTT") + bytes((4, 0b11000010)) + bytes(2) + who)


class Cook:
    """`run` it as a task. `connections` counts those that the broker accepted."""

    def __init__(self, url: str, venue_id: str) -> None:
        self._address = address_of(url)
        self._venue_id = venue_id
        self._numbers = count(1)
        self.connections = 0

    async def run(self) -> None:
        """At work for ever, on one connection after the other."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._address.host, self._address.port)
            except OSError:
                await asyncio.sleep(_AGAIN_AFTER_S)
                continue
            try:
                writer.write(_hello(self._address))
                await self._connected(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_AGAIN_AFTER_S)
            finally:
                writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, flags, body = await _read_packet(reader)
            if kind == _CONNACK:
                assert body[1] == 0, "the broker refuses the kitchen's account"
                wanted = _text(topic(self._venue_id, "+", "snapshot")) + b"\x01"
                writer.write(_packet(_SUBSCRIBE, 2, self._number() + wanted))
                self.connections += 1
            elif kind == _PUBLISH:
                self._take(writer, flags, body)
            await writer.drain()

    def _number(self) -> bytes:
        return (next(self._numbers) % 65535 + 1).to_bytes(2, "big")

    def _take(self, writer: asyncio.StreamWriter, flags: int, body: bytes) -> None:
        """Acknowledge a publication (§3.3) and act on the snapshot in it."""
        start = 2 + int.from_bytes(body[:2], "big")
        if flags & 0b0110:
            writer.write(_packet(_PUBACK, 0, body[start : start + 2]))
            start += 2
        snapshot = json.loads(body[start:])
        for ticket in snapshot["tickets"]:
            self._finish(writer, snapshot["station"], ticket["ticket"], ticket["state"])

    def _finish(self, writer: asyncio.StreamWriter, station: str, ticket: str, state: str) -> None:
        """Every step that is left; what the broker makes of them shows in the next snapshot."""
        name = _text(topic(self._venue_id, station, "ack"))
        for step in STEPS[STEPS.index(state) + 1 if state in STEPS else 0 :]:
            ack = {"ticket": ticket, "state": step, "mid": f"{ticket}-{station}-{step}"}
            writer.write(_packet(_PUBLISH, 2, name + self._number() + json.dumps(ack).encode()))
