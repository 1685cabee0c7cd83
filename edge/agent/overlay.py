"""The page on the PC's own screen: how much time is left, and why it is locked.

Served to this PC only. `/view` is a stream of server-sent events, one per change; the page counts the
seconds between them itself and says so when the stream breaks, so the timer is never hidden or wrong.
Staff take the PC out of service with `POST /maintenance {"on": true}` and the agent's own token.
"""

import asyncio
import hmac
from collections.abc import Callable
from importlib import resources

import msgspec
from aiohttp import web

from edge.agent.commands import View

#: Seconds between two events when nothing changes, so that the page knows we are there.
_ALIVE_S = 5.0


class _Service(msgspec.Struct):
    on: bool


class Overlay:
    """Serves what `view` gives; calls `service` when staff take the PC out of service or give it back."""

    def __init__(self, view: Callable[[], View], service: Callable[[bool], None], token: str) -> None:
        self._view = view
        self._service = service
        self._token = token
        self._changed = asyncio.Condition()
        self._version = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Serve on this PC; the page's address."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/view", self._stream)
        app.router.add_post("/maintenance", self._maintain)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Free the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def changed(self) -> None:
        """Tell every page."""
        async with self._changed:
            self._version += 1
            self._changed.notify_all()

    async def _page(self, _request: web.Request) -> web.Response:
        page = resources.files("edge.agent").joinpath("overlay.html").read_text("utf-8")
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        seen = -1
        try:
            while True:
                seen = await self._news(seen)
                await response.write(b"data: " + msgspec.json.encode(self._view()) + b"\n\n")
        except ConnectionError:
            return response

    async def _news(self, seen: int) -> int:
        """Wait until there is something newer than `seen`, or long enough."""
        try:
            async with asyncio.timeout(_ALIVE_S), self._changed:
                await self._changed.wait_for(lambda: self._version != seen)
        except TimeoutError:
            return seen
        return self._version

    async def _maintain(self, request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), self._token.encode()):
            return _refused(401, "unauthorised", "Only staff may do this.")
        try:
            wanted = msgspec.json.decode(await request.read(), type=_Service)
        except msgspec.MsgspecError:
            return _refused(400, "invalid", 'Say {"on": true} or {"on": false}.')
        self._service(wanted.on)
        return web.json_response({"ok": True})


def _refused(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
