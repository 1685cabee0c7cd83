"""The composition root: what a process of the cloud consists of; `desks.py` has what it answers at.

One process serves boxes and owners until it is told to stop. Then it turns new ones away, lets go of its
links (boxes say hello elsewhere at once), finishes what is in Postgres and ends. Unless it is told not to, it
does jobs as well; `working_only` is a process that does nothing else.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext

import asyncpg
import msgspec
from aiohttp import web

from cloud import desks
from cloud.config import Config
from cloud.desks import Around, Till
from cloud.guests.live import GuestLive
from cloud.ingest import replaying
from cloud.ingest.socket import Links
from cloud.jobs import roster
from cloud.jobs.blobs import Blobs
from cloud.jobs.worker import working
from cloud.operations.door import watched
from cloud.operations.upkeep import keep_tidy
from cloud.operations.watching import watch
from cloud.owners.gate import Gate
from cloud.owners.menu.desk import MOST_BYTES as MOST_MENU_BYTES
from cloud.owners.menu.publishing import PriceClock
from cloud.owners.people.login import Logins
from cloud.owners.sight.live import Live
from cloud.payments import stripe_gateway
from cloud.payments.asking import Asking
from cloud.payments.cards import Cards
from cloud.payments.gateway import CardGateway
from cloud.shop.room import open_room
from cloud.store.bell import Bell
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool
from cloud.store.postgres import PostgresBooks
from cloud.store.reading import roll_ups
from cloud.web import described
from cloud.web.answers import Handler, answers
from cloud.web.figures import Figures
from cloud.web.health import Health
from cloud.web.tracing import traced
from protocol.http import Route

#: Of a worker, for whoever asks how it is.
_ASKING_CONNECTIONS = 2
#: When a line comes back, a thousand boxes knock within the same second.
_BACKLOG = 1024


class Serving(msgspec.Struct, frozen=True):
    """A process that serves: where, and the parts that tests look into."""

    host: str
    port: int
    pool: asyncpg.Pool
    links: Links
    cards: Cards
    routes: tuple[Route, ...]

    @property
    def url(self) -> str:
        """Address of the owner page."""
        return f"http://{self.host}:{self.port}"


@asynccontextmanager
async def serving(config: Config, url: str) -> AsyncIterator[Serving]:
    """Serve on the Postgres at `url`, which is brought to the present schema, while the block lasts."""
    # Taken first: a port that is in use is known before anything is changed.
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.create_server((config.host, config.port), family=family) as door:
        await migrate(url)
        config = msgspec.structs.replace(config, port=door.getsockname()[1])
        figures, blobs, draining = Figures(), Blobs.of(config), asyncio.Event()
        async with (
            open_pool(url, config.connections) as pool,
            working(config, url, blobs, roster.roster(), figures) if config.works else nullcontext(),
            _application(config, url, pool, figures, blobs, draining) as parts,
        ):
            await replaying.replay(pool)
            await roll_ups.count_first(pool)
            runner = web.AppRunner(parts.application, access_log=None, shutdown_timeout=config.drain_s)
            await runner.setup()
            figures.ready.set(1)
            try:
                site = web.SockSite(runner, door, backlog=_BACKLOG)
                await site.start()
                yield Serving(config.host, config.port, pool, parts.links, parts.cards, parts.routes)
            finally:
                figures.ready.set(0)
                draining.set()
                try:
                    await asyncio.sleep(config.linger_s)  # until load balancers have asked /readyz
                finally:
                    await site.stop()  # before boxes are let go: none of them is to come back here
                    parts.links.closing.set()
                    parts.live.closing.set()
                    await runner.cleanup()


@asynccontextmanager
async def working_only(config: Config, url: str) -> AsyncIterator[str]:
    """Do jobs on the Postgres at `url`, which is brought to the present schema, while the block lasts.

    The address at which the process is watched.
    """
    await migrate(url)
    figures, draining = Figures(), asyncio.Event()
    async with (
        open_pool(url, _ASKING_CONNECTIONS) as pool,
        watched(config, pool, figures, draining) as address,
        working(config, url, Blobs.of(config), roster.roster(), figures),
    ):
        try:
            yield address
        finally:
            draining.set()


class _Parts(msgspec.Struct, frozen=True):
    """What of the application outlives its making."""

    application: web.Application
    links: Links
    live: Live
    cards: Cards
    routes: tuple[Route, ...]


@asynccontextmanager
async def _application(
    config: Config, url: str, pool: asyncpg.Pool, figures: Figures, blobs: Blobs, draining: asyncio.Event
) -> AsyncIterator[_Parts]:
    """All handlers, with what works in the background for them while the block lasts."""
    bell, logins = Bell(url, pool), Logins(config, pool)
    links = Links(config, PostgresBooks(pool), bell, figures)
    live = Live(pool, bell, logins, figures, config.refresh_every_s)
    async with _gateway(config) as gateway, open_room(config, pool, blobs, bell) as designs:
        till = Till.at(pool, gateway)
        around = Around(config, pool, logins, blobs)
        parts = (Health(pool, figures, draining), *desks.all_of(around, till, designs))
        rows = [row for part in parts for row in part.routes()]
        application = _served(rows, Gate(pool, logins), figures, behind_tls=config.behind_tls)
        application.router.add_get("/link", links.serve)
        application.router.add_get("/ws/owner", live.serve)
        GuestLive(config, pool, bell).attach(application)
        designs.attach(application)
        asking = Asking(till.cards, till.refunding, config.card_ask_every_s)
        always = (bell.run(), links.presence.run(), PriceClock(pool).run(), keep_tidy(pool))
        async with _running(*always, watch(pool, figures), asking.run(), till.reconciling.run()):
            yield _Parts(application, links, live, till.cards, tuple(route for route, _ in rows))


def _served(
    rows: list[tuple[Route, Handler]], gate: Gate, figures: Figures, *, behind_tls: bool
) -> web.Application:
    """Every route behind the gate, also the one that describes them all."""
    application = web.Application(
        middlewares=[traced(figures), answers(behind_tls=behind_tls)], client_max_size=MOST_MENU_BYTES
    )
    for route, handler in [*rows, *described.routes(route for route, _ in rows)]:
        application.router.add_route(route.method, route.path, gate.guarded(route, handler))
    return application


@asynccontextmanager
async def _running(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """What works in the background, while the block lasts."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def _gateway(config: Config) -> AsyncIterator[CardGateway | None]:
    """The provider of card money, where one is set up."""
    if config.stripe_secret is None:
        yield None
        return
    account = config.stripe_secret, config.stripe_webhook_secret
    async with stripe_gateway.opened(*account, config.stripe_api, config.stripe_timeout_s) as gateway:
        yield gateway
