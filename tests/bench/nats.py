"""A NATS leaf with a JetStream, and a hub that sources it: as much of their protocol as a measure needs.

The text protocol over TCP, https://docs.nats.io/reference/reference-protocols/nats-protocol; streams by
requests to `$JS.API`, https://docs.nats.io/reference/reference-protocols/nats_api_reference.
"""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.bench.boxes import free_port, process

_LOOK_EVERY_S = 0.01
_WITHIN_S = 120.0
_ASKED_AGAIN_AFTER_S = 0.2
_HUB = """
server_name: hub
log_file: "{directory}/hub.log"
listen: 127.0.0.1:{hub}
jetstream {{ store_dir: "{directory}/hub", domain: hub }}
leafnodes {{ listen: 127.0.0.1:{meeting} }}
"""
_LEAF = """
server_name: leaf
log_file: "{directory}/leaf.log"
listen: 127.0.0.1:{leaf}
jetstream {{ store_dir: "{directory}/leaf", domain: leaf }}
leafnodes {{ remotes: [ {{ url: "nats://127.0.0.1:{meeting}" }} ] }}
"""


class Client:
    """One connection; requests one at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asked = 0

    @classmethod
    async def connect(cls, port: int) -> Self:
        """As soon as the server is there."""
        async with asyncio.timeout(_WITHIN_S):
            while True:
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
                except OSError:
                    await asyncio.sleep(_LOOK_EVERY_S)
                    continue
                writer.write(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB inbox.* 1\r\n')
                return cls(reader, writer)

    async def request(
        self, subject: str, body: dict[str, Any], within_s: float = _WITHIN_S
    ) -> dict[str, Any]:
        """The answer to a request in JSON; nothing if nobody is there who answers."""
        self._asked += 1
        inbox = b"inbox.%d" % self._asked
        self._put(subject, json.dumps(body).encode(), inbox + b" ")
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                return await self._answer(inbox)
        return {}

    async def _answer(self, inbox: bytes) -> dict[str, Any]:
        while line := await self._reader.readline():
            if line.startswith(b"PING"):
                self._writer.write(b"PONG\r\n")
            elif line.startswith(b"MSG "):
                size = int(line.split()[-1])
                payload = (await self._reader.readexactly(size + 2))[:size]
                if line.split()[1] == inbox:
                    answer: dict[str, Any] = json.loads(payload)
                    return answer
        raise ConnectionError("the server has left")

    def _put(self, subject: str, payload: bytes, reply: bytes = b"") -> None:
        head = b"PUB %s %s%d\r\n" % (subject.encode(), reply, len(payload))
        self._writer.write(head + payload + b"\r\n")

    async def publish(self, subject: str, records: list[bytes]) -> None:
        """Without waiting for each; the stream says how many it has."""
        for record in records:
            self._put(subject, record)
            if self._writer.transport.get_write_buffer_size() > 2**20:
                await self._writer.drain()
        await self._writer.drain()

    async def until_held(self, stream: str, count: int) -> None:
        """Wait until a stream has so many messages."""
        async with asyncio.timeout(_WITHIN_S):
            while True:
                state = await self.request(f"$JS.API.STREAM.INFO.{stream}", {})
                if state.get("state", {}).get("messages", 0) >= count:
                    return
                await asyncio.sleep(_LOOK_EVERY_S)


async def catch_up(records: list[bytes], directory: Path) -> float:
    """Seconds from the hub's order to source the leaf's stream until it holds all of it."""
    ports = {name: free_port() for name in ("hub", "leaf", "meeting")}
    for name, text in (("hub", _HUB), ("leaf", _LEAF)):
        (directory / f"{name}.conf").write_text(text.format(directory=directory, **ports))
    with process("nats-server", "-c", str(directory / "leaf.conf"), python=False):
        leaf = await Client.connect(ports["leaf"])
        await leaf.request("$JS.API.STREAM.CREATE.FACTS", {"name": "FACTS", "subjects": ["facts"]})
        await leaf.publish("facts", records)
        await leaf.until_held("FACTS", len(records))
        with process("nats-server", "-c", str(directory / "hub.conf"), python=False):
            hub = await Client.connect(ports["hub"])
            await _until_met(hub)
            source = {"name": "FACTS", "external": {"api": "$JS.leaf.API", "deliver": ""}}
            started_s = time.perf_counter()
            await hub.request("$JS.API.STREAM.CREATE.COPY", {"name": "COPY", "sources": [source]})
            await hub.until_held("COPY", len(records))
            return time.perf_counter() - started_s


async def _until_met(hub: Client) -> None:
    """The leaf comes back by itself; its streams can be asked for through the hub from then on."""
    async with asyncio.timeout(_WITHIN_S):
        answer: dict[str, Any] = {}
        while not answer.get("state"):
            answer = await hub.request("$JS.leaf.API.STREAM.INFO.FACTS", {}, within_s=_ASKED_AGAIN_AFTER_S)
