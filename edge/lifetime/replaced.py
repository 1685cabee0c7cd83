"""A box whose place another one has: it says so on every screen, sells nothing, and sends what it has.

No phone, device, plug or printer is served from here; they belong to the box in charge.
"""

import asyncio
import logging
from html import escape

import msgspec
from aiohttp import web

from edge.adapters.cloud.claiming import load_key
from edge.adapters.machine.system_clock import SystemClock
from edge.adapters.machine.systemd import READY, Supervisor
from edge.config import Config
from edge.lifetime.farewell import Farewell
from edge.web.answers import SECURITY_HEADERS, answer, refusal_answer
from protocol.errors import refuse

log = logging.getLogger(__name__)

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>This box was replaced</title>
<h1>This box was replaced</h1><p>{words}</p>
<p>Nothing can be ordered, played or paid here. Please use the new box: scan the table's code again.</p>
<p>{left}</p></html>"""


async def _nothing() -> None:
    """A loop that comes by here works."""


class ReplacedReply(msgspec.Struct, frozen=True):
    """Answer to `GET /status` of a box that was replaced. `unsynced` facts are only on its disk."""

    link: str
    link_message: str
    unsynced: int
    epoch: int
    replaced_by: int
    venue_id: str | None


class Replaced:
    """A fenced box: its farewell, and one page for everybody."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._farewell = Farewell(config.directory, load_key(config.directory / "node.key"), SystemClock())

    def application(self) -> web.Application:
        """`/status` and `/healthz` answer; everything else is gone."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/status", self._status)
        app.router.add_route("*", "/{anything:.*}", self._gone)
        return app

    async def _healthz(self, _request: web.Request) -> web.Response:
        return answer({"ok": True})

    async def _status(self, _request: web.Request) -> web.Response:
        box, farewell = self._farewell.box, self._farewell
        words = f"{refuse('box_replaced').message} {farewell.state.message}"
        reply = ReplacedReply("replaced", words, farewell.waiting, box.epoch, box.fenced or 0, box.venue_id)
        return answer(reply)

    async def _gone(self, request: web.Request) -> web.Response:
        refusal = refuse("box_replaced")
        if "text/html" not in request.headers.get("Accept", ""):
            response = refusal_answer(refusal)
        else:
            waiting = self._farewell.waiting
            left = (
                f"{waiting} facts wait to be sent to the cloud." if waiting else "The cloud has everything."
            )
            text = _PAGE.format(words=escape(refusal.message), left=escape(left))
            response = web.Response(text=text, status=refusal.status, content_type="text/html")
        response.headers.update(SECURITY_HEADERS)
        return response

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        config = self._config
        runner = web.AppRunner(
            self.application(), access_log=None, handle_signals=False, shutdown_timeout=2.0
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, config.host, config.port, backlog=128).start()
            log.error("this box was replaced by the box of epoch %s", self._farewell.box.fenced)
            supervisor = Supervisor()
            supervisor.tell(READY)
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(self._farewell.run(), name="farewell")
                reassuring = group.create_task(supervisor.reassure(_nothing), name="supervisor")
                await stop.wait()
                sending.cancel()
                reassuring.cancel()
        finally:
            await runner.cleanup()
