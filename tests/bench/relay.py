"""The limit for M1: a bare aiohttp relay that fans out whatever a phone sends. No checks, no disk."""

import asyncio
import sys

import uvloop
from aiohttp import WSMsgType, web

tables: dict[str, set[web.WebSocketResponse]] = {}


async def relay(request: web.Request) -> web.WebSocketResponse:
    """Fan every frame out to the phones of the same table."""
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    table = tables.setdefault(request.query["sid"], set())
    table.add(socket)
    try:
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                for phone in table:
                    await phone.send_str(frame.data)
    finally:
        table.discard(socket)
    return socket


async def serve(port: int) -> None:
    """Until killed."""
    app = web.Application()
    app.router.add_get("/ws/table", relay)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
