"""The demo's control address: cut and heal the internet, and ask for addresses and process ids again.

On loopback only, for whoever runs the demo; nothing of the product listens there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from aiohttp import web

from edge.demo import kiosk
from edge.demo.announcement import Announcement
from edge.demo.internet import Internet

ELSEWHERE = "/elsewhere"


class InternetState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether box and cloud can reach each other, and by how much everything is held up on the way."""

    up: bool
    slow_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 0


_state = msgspec.json.Decoder(InternetState)


class Control:
    """`GET /` the announcement, `GET` and `POST /internet` the state of the internet.

    `POST /kiosk` sets up a second box, which belongs to nobody, and says where it is.
    `GET /elsewhere` stands for the rest of the internet: the box asks there whose fault a silent cloud is.
    """

    def __init__(
        self,
        internet: Internet,
        announce: Callable[[], Announcement],
        open_kiosk: Callable[[], Awaitable[str]],
    ) -> None:
        self._internet = internet
        self._announce = announce
        self._open_kiosk = open_kiosk

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Answer while the block lasts."""
        application = web.Application(client_max_size=4096)
        application.add_routes(
            [
                web.get("/", self._about),
                web.get("/internet", self._look),
                web.post("/internet", self._switch),
                web.get(ELSEWHERE, self._elsewhere),
                web.post("/kiosk", self._kiosk),
            ]
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield
        finally:
            await runner.cleanup()

    async def _about(self, _request: web.Request) -> web.Response:
        return _json(self._announce())

    async def _look(self, _request: web.Request) -> web.Response:
        return _json(InternetState(self._internet.up, self._internet.slow_ms))

    async def _kiosk(self, _request: web.Request) -> web.Response:
        return _json({"url": await self._open_kiosk(), "user": kiosk.USER, "pin": kiosk.PIN})

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        return web.Response(status=204 if self._internet.up else 503)

    async def _switch(self, request: web.Request) -> web.Response:
        try:
            wanted = _state.decode(await request.read())
        except msgspec.DecodeError:
            body = {"error": {"code": "invalid", "message": 'Send {"up": true} or {"up": false}.'}}
            return _json(body, status=400)
        if wanted.up:
            self._internet.heal()
            self._internet.slow_ms = wanted.slow_ms
        else:
            self._internet.cut()
        return _json(wanted)


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json", status=status)
