"""The composition root: the only file that knows which part is given to which.

One process serves boxes and owners until it is told to stop. Then it turns new ones away, lets go of its
links (boxes say hello elsewhere at once), finishes what is in Postgres and ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.ingest.claim import Claims
from cloud.ingest.routes import routes as ingest_routes
from cloud.ingest.socket import Links
from cloud.owners.live import Live
from cloud.owners.login import Logins
from cloud.owners.pages import Pages
from cloud.owners.routes import routes as owner_routes
from cloud.owners.watch import Watch
from cloud.store import attempts
from cloud.store.bell import Bell
from cloud.store.migrate import migrate
from cloud.store.pool import GONE, open_pool
from cloud.web.answers import answers
from cloud.web.figures import Figures
from cloud.web.health import Health

_SWEEP_EVERY_S = 3600


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


@asynccontextmanager
async def serving(config: Config, url: str) -> AsyncIterator[Serving]:
    """Serve on the Postgres at `url`, which is brought to the present schema, while the block lasts."""
    await migrate(url)
    async with open_pool(url, config.connections) as pool, asyncio.TaskGroup() as tasks:
        figures, bell, logins = Figures(), Bell(url, pool), Logins(config, pool)
        links = Links(config, pool, bell, figures)
        live = Live(pool, bell, logins, figures, config.refresh_every_s)
        application = web.Application(middlewares=[answers], client_max_size=64 * 1024)
        application.add_routes(Health(pool, figures).routes())
        application.add_routes(ingest_routes(links, Claims(config, pool)))
        application.add_routes(owner_routes(logins, Watch(pool, logins), live, Pages()))
        background = [tasks.create_task(work) for work in (bell.run(), links.presence.run(), _sweep(pool))]
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=config.drain_s)
        await runner.setup()
        try:
            await web.TCPSite(runner, config.host, config.port).start()
            yield Serving(config.host, runner.addresses[0][1], pool, links)
        finally:
            links.closing.set()
            live.closing.set()
            await runner.cleanup()
            for task in background:
                task.cancel()


async def _sweep(pool: asyncpg.Pool) -> None:
    """Forget attempts that no limit looks at any more."""
    while True:
        with suppress(*GONE):
            await attempts.forget_old(pool)
        await asyncio.sleep(_SWEEP_EVERY_S)
