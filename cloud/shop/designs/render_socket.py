"""`/ws/designs/{design_id}`: how the renders of a design go on, as they do (seed 004 §3).

The guest's key comes as sub-protocol `bearer.KEY` beside `holdfast.v1`, because browsers cannot send
headers here. Each message tells how one render stands; a page that missed some asks `GET
/designs/{id}/jobs/{job}`.
"""

import asyncio
from contextlib import suppress

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.gate import identity
from cloud.shop.designs.guest_key import digest_of
from cloud.shop.designs.painting_desk import RenderAnswer, render_shown
from cloud.store.bell import RENDER, Bell
from cloud.store.pool import GONE
from cloud.store.shop import designs, renders
from protocol.errors import Refused, refuse

_BEAT_S = 20.0
#: Notes may be lost; nobody waits longer than this for what is in the database.
_LOOK_EVERY_S = 5.0


class RenderNews(msgspec.Struct, frozen=True, tag="render", tag_field="type"):
    """How a render stands now."""

    job: RenderAnswer


class RenderSocket:
    """The handler and what it needs. `close` says goodbye to all pages when the process stops."""

    def __init__(self, pool: asyncpg.Pool, bell: Bell) -> None:
        self._pool = pool
        self._bell = bell
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Tell until the page goes."""
        guest = digest_of(request)
        design_id = identity(request.match_info["design_id"], "unknown_design")
        design = await designs.find(self._pool, design_id, guest)
        if design is None:
            raise Refused(refuse("unknown_design"))
        socket = web.WebSocketResponse(protocols=("holdfast.v1",), heartbeat=_BEAT_S, max_msg_size=1024)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell(socket, design.venue_id, design_id))
                async for _ in socket:
                    pass
                telling.cancel()
        finally:
            self._open.discard(socket)
        return socket

    async def close(self, _application: web.Application) -> None:
        """Pages ask elsewhere."""
        for socket in tuple(self._open):
            await socket.close(code=1001)

    async def _tell(self, socket: web.WebSocketResponse, venue_id: str, design_id: str) -> None:
        told: dict[str, RenderAnswer] = {}
        with self._bell.listen(RENDER) as ear:
            ear.follow([venue_id])
            while not socket.closed:
                with suppress(*GONE):
                    for render in await renders.of_design(self._pool, venue_id, design_id):
                        now = render_shown(render)
                        if told.get(now.job_id) != now:
                            told[now.job_id] = now
                            await socket.send_str(msgspec.json.encode(RenderNews(now)).decode())
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await ear.take()
