"""The line between box and cloud: a TCP relay that cuts after so many bytes, in the middle of anything.

A cut resets both connections, as the death of a router does. `limits` says after how many bytes each of the
next connections is cut; once it is used up, connections live until the test ends them.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

_CHUNK_BYTES = 65536
#: SO_LINGER on, zero seconds: closing sends RST instead of a polite end.
_RESET = struct.pack("ii", 1, 0)


class Limit(msgspec.Struct, frozen=True):
    """Bytes that a connection may carry in each direction before it is cut; None for any number."""

    up: int | None = None
    down: int | None = None


class _Spent(Exception):
    """A direction has carried what it may."""


class _Connection:
    """One connection of the box and its continuation to the cloud."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near = near
        self.far = far
        self.left = False

    def cut(self) -> None:
        """Reset both ends."""
        _reset(self.near)
        _reset(self.far)

    def leave(self) -> None:
        """Reset the box's end; the cloud's stays open and silent, as when an address is forgotten."""
        self.left = True
        _reset(self.near)


class Wire:
    """Relays to `target_port`, which may be changed for the connections that follow."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.limits: deque[Limit] = deque()
        self.up = True
        #: Connections that were cut because they had carried what they might.
        self.cuts = 0
        self.url = ""
        self._open: set[_Connection] = set()

    @asynccontextmanager
    async def serving(self, door: socket.socket | None = None) -> AsyncIterator["Wire"]:
        """Listen while the block lasts: on loopback, or at a door that somebody else made."""
        async with asyncio.TaskGroup() as group:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                group.create_task(self._relay(reader, writer))

            door = door or socket.create_server(("127.0.0.1", 0))
            server = await asyncio.start_server(accept, sock=door)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                server.close()
                self.cut()

    def cut(self) -> None:
        """End what is open; new connections get nowhere until `heal`."""
        self.up = False
        for connection in self._open:
            connection.cut()

    def heal(self) -> None:
        """New connections are relayed again."""
        self.up = True

    def move(self, target_port: int) -> None:
        """What is open is left behind half open, and the next connection leads elsewhere."""
        self.target_port = target_port
        for connection in self._open:
            connection.leave()

    async def _relay(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if not self.up:
            return _reset(near)
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            return _reset(near)
        limit = self.limits.popleft() if self.limits else Limit()
        connection = _Connection(near, far)
        self._open.add(connection)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, far, limit.up, connection))
                group.create_task(_pump(far_reader, near, limit.down, connection))
        except* _Spent:
            self.cuts += 1
            connection.cut()
        finally:
            self._open.discard(connection)
            near.close()
            far.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None, connection: _Connection
) -> None:
    """Pass bytes on until either side ends, or `most` are through."""
    carried = 0
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK_BYTES):
            if most is not None and carried + len(chunk) >= most:
                writer.write(chunk[: most - carried])
                raise _Spent
            carried += len(chunk)
            writer.write(chunk)
            await writer.drain()
    if not connection.left:
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    taken: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
