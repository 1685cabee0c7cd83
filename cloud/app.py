"""The composition root: the only file that knows which part is given to which.

One process serves boxes and owners until it is told to stop. Then it turns new ones away, lets go of its
links (boxes say hello elsewhere at once), finishes what is in Postgres and ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.ingest.claim import Claims
from cloud.ingest.routes import routes as ingest_routes
from cloud.ingest.socket import Links
from cloud.store.bell import Bell
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool
from cloud.web.answers import answers
from cloud.web.figures import Figures
from cloud.web.health import Health


class Serving(msgspec.Struct, frozen=True):
    """A process that serves: where, and the parts that tests look into."""

    host: str
    port: int
    pool: asyncpg.Pool
    links: Links

    @property
    def url(self) -> str:
        """Address of the owner page."""
        return f"http://{self.host}:{self.port}"


def _application(config: Config, pool: asyncpg.Pool, links: Links, figures: Figures) -> web.Application:
    application = web.Application(middlewares=[answers], client_max_size=64 * 1024)
    application.add_routes(ingest_routes(links, Claims(config, pool)))
    application.add_routes(Health(pool, figures).routes())
    return application


@asynccontextmanager
async def serving(config: Config, url: str) -> AsyncIterator[Serving]:
    """Serve on the Postgres at `url`, which is brought to the present schema, while the block lasts."""
    await migrate(url)
    async with open_pool(url, config.connections) as pool, asyncio.TaskGroup() as tasks:
        figures, bell = Figures(), Bell(url, pool)
        links = Links(config, pool, bell, figures)
        background = [tasks.create_task(bell.run()), tasks.create_task(links.presence.run())]
        runner = web.AppRunner(
            _application(config, pool, links, figures), access_log=None, shutdown_timeout=config.drain_s
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, config.host, config.port)
            await site.start()
            yield Serving(config.host, runner.addresses[0][1], pool, links)
        finally:
            links.closing.set()
            await runner.cleanup()
            for task in background:
                task.cancel()
