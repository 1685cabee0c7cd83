"""An emulated device with a small HTTP server: life cycle, faults of the way there, a log of requests.

Real devices of this kind serve few connections and keep none alive, so neither does this. Counterpart:
`shelly_gen1.py`, `shelly_gen2.py`, `tasmota.py` and `routeros_rest.py` say what is answered.
"""

import ssl
from abc import ABC, abstractmethod
from collections import deque
from typing import NamedTuple, Self

from aiohttp import web

from firmware_profiles.emulators.clock import Clock, RealClock
from firmware_profiles.emulators.faults import Faults

#: Requests remembered; enough for any test, and no leak in a demo left running for a week.
REMEMBERED = 1000


class Heard(NamedTuple):
    """One request as it came in, at `at_s` on the device's clock."""

    at_s: float
    method: str
    path: str
    query: dict[str, str]
    body: str
    authorised: bool


class HttpDevice(ABC):
    """Serves `answer` on one port. `url` is known once entered; leaving frees the port."""

    #: Requests served at once; one more is cut off. None: no limit known.
    channels: int | None = None

    def __init__(
        self, *, clock: Clock | None = None, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.clock = clock or RealClock()
        self.faults = Faults()
        self.heard: deque[Heard] = deque(maxlen=REMEMBERED)
        self.host = "127.0.0.1"
        self.port = port
        self._tls = tls
        self._serving = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    async def start(self) -> None:
        """Take the port and serve. After `stop` the same port is taken again."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, ssl_context=self._tls, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Vanish from the network: connections are refused."""
        self.faults.answer()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    @abstractmethod
    def authorised(self, request: web.Request) -> bool:
        """Whether this request brings what the device asks for."""

    @abstractmethod
    def refusal(self, request: web.Request) -> web.Response:
        """What the device says to those who are not authorised."""

    @abstractmethod
    async def answer(self, request: web.Request) -> web.Response:
        """What the device says to everybody else."""

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.faults.drop or (self.channels is not None and self._serving >= self.channels):
            return _cut(request)
        self._serving += 1
        try:
            return await self._answered(request)
        finally:
            self._serving -= 1

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        await self.faults.delay()
        if self.faults.busy:
            return web.Response(status=429, text="Too Many Requests")
        body = await request.text()
        authorised = self.authorised(request)
        self.heard.append(
            Heard(self.clock.now_s(), request.method, request.path, dict(request.query), body, authorised)
        )
        response = await self.answer(request) if authorised else self.refusal(request)
        if self.faults.lose_answers:
            return _cut(request)
        response.force_close()
        return response


def _cut(request: web.Request) -> web.Response:
    """End the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
