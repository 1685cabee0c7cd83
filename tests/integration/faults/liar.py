"""A dishonest line between box and cloud: it says things twice, late, or that were never meant.

To the box it stands where the cloud should be, and it passes everything on to the true cloud and back. What
becomes of each message on the way is up to a `Lies` object.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiohttp
import zstandard
from aiohttp import WSMsgType, web

from protocol import link

_MOST_BYTES = link.MOST_FRAME_BYTES + 1


class Lies:
    """Honesty; tests override what they want to be told otherwise. Frames go in, frames come out."""

    def to_box(self, message: link.ToEdge, frame: bytes) -> Iterable[bytes]:
        """What the box hears when the cloud says `message`."""
        del message
        return [frame]

    def to_cloud(self, message: link.ToCloud, frame: bytes) -> Iterable[bytes]:
        """What the cloud hears when the box says `message`."""
        del message
        return [frame]


def frame_of(message: link.ToEdge | link.ToCloud) -> bytes:
    """A frame that says so."""
    return link.PLAIN + link.encode(message)


def _body(frame: bytes) -> bytes:
    if frame[:1] == link.PLAIN:
        return frame[1:]
    return zstandard.ZstdDecompressor().decompress(frame[1:], max_output_size=link.MOST_FRAME_BYTES)


class Liar:
    """The server that the box takes for the cloud."""

    def __init__(self, cloud_url: str, lies: Lies) -> None:
        self._cloud_url = cloud_url
        self._lies = lies
        self.url = ""
        #: Conversations of the box.
        self.meetings = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Liar"]:
        """Answer on loopback while the block lasts."""
        application = web.Application()
        application.router.add_get("/link", self._meet)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _meet(self, request: web.Request) -> web.WebSocketResponse:
        self.meetings += 1
        box = web.WebSocketResponse(max_msg_size=_MOST_BYTES, compress=False)
        await box.prepare(request)
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(f"{self._cloud_url}/link", max_msg_size=_MOST_BYTES) as cloud,
                asyncio.TaskGroup() as group,
            ):
                group.create_task(self._from_cloud(cloud, box))
                group.create_task(self._from_box(box, cloud))
        except* (OSError, aiohttp.ClientError):
            await box.close()
        return box

    async def _from_cloud(self, cloud: aiohttp.ClientWebSocketResponse, box: web.WebSocketResponse) -> None:
        async for told in cloud:
            if told.type is not WSMsgType.BINARY:
                break
            for frame in self._lies.to_box(link.to_edge.decode(_body(told.data)), told.data):
                await box.send_bytes(frame)
        await box.close()

    async def _from_box(self, box: web.WebSocketResponse, cloud: aiohttp.ClientWebSocketResponse) -> None:
        async for told in box:
            if told.type is not WSMsgType.BINARY:
                break
            for frame in self._lies.to_cloud(link.to_cloud.decode(_body(told.data)), told.data):
                await cloud.send_bytes(frame)
        await cloud.close()
