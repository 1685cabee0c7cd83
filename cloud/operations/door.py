"""The address at which a process that only does jobs is watched.

It says what a serving process says of itself (`cloud/web/health.py`) and nothing else: whoever restarts
processes asks `/livez`, Prometheus `/metrics`. It opens last and closes last, so a worker that is finishing
its jobs is still seen to be alive.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from aiohttp import web

from cloud.config import Config
from cloud.web.answers import answers
from cloud.web.figures import Figures
from cloud.web.health import Health
from cloud.web.tracing import traced


@asynccontextmanager
async def watched(
    config: Config, pool: asyncpg.Pool, figures: Figures, draining: asyncio.Event
) -> AsyncIterator[str]:
    """Open while the block lasts; its address. `worker_port` 0 takes any that is free."""
    application = web.Application(middlewares=[traced(figures), answers(behind_tls=config.behind_tls)])
    for route, handler in Health(pool, figures, draining).routes():
        application.router.add_route(route.method, route.path, handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.host, config.worker_port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
