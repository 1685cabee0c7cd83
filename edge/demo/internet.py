"""The internet between box and cloud: a TCP relay that can be cut and healed.

Cut means what a dead router means to programs: connections that exist are reset, new ones get nowhere. The
address stays taken meanwhile, so that nobody else moves in.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

_CHUNK_BYTES = 65536
_CONNECT_TIMEOUT_S = 5.0
#: SO_LINGER on, zero seconds: closing sends RST instead of a polite end.
_RESET = struct.pack("ii", 1, 0)


class Internet:
    """Relays every connection to one target. Starts healed; `serving` opens it."""

    def __init__(self, target_host: str, target_port: int) -> None:
        self._target = (target_host, target_port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._cuts = 0
        self.up = True
        #: By how much each piece of what passes is held up.
        self.slow_ms = 0
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["Internet"]:
        """Listen on loopback, on any free port for 0; leaving resets whatever is still connected."""
        async with asyncio.TaskGroup() as group:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                group.create_task(self._relay(reader, writer))

            server = await asyncio.start_server(accept, "127.0.0.1", port)
            self.port = server.sockets[0].getsockname()[1]
            try:
                yield self
            finally:
                server.close()
                self.cut()

    def cut(self) -> None:
        """No more internet."""
        self.up = False
        self._cuts += 1
        self._reset_all()

    def heal(self) -> None:
        """Internet again, for new connections."""
        self.up = True

    def _reset_all(self) -> None:
        for writer in self._writers:
            _reset(writer)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            _reset(writer)
            return
        cuts = self._cuts
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                far_reader, far_writer = await asyncio.open_connection(*self._target)
        except (OSError, TimeoutError):
            _reset(writer)
            return
        both = {writer, far_writer}
        self._writers |= both
        if self._cuts != cuts:  # while we were connecting
            self._reset_all()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer))
                group.create_task(self._pump(far_reader, writer))
        finally:
            self._writers -= both
            for each in both:
                each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes on until one side ends or breaks; the end is passed on too."""
        with contextlib.suppress(OSError):
            # uvloop has no patience with writing to what is closed.
            while (chunk := await reader.read(_CHUNK_BYTES)) and not writer.is_closing():
                if self.slow_ms:
                    await asyncio.sleep(self.slow_ms / 1000)
                writer.write(chunk)
                await writer.drain()
            if not writer.is_closing():
                writer.write_eof()
            return
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    taken = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
