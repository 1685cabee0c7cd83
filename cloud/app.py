"""The composition root: the only file that knows which part is given to which.

One process serves boxes and owners until it is told to stop. Then it turns new ones away, lets go of its
links (boxes say hello elsewhere at once), finishes what is in Postgres and ends. Unless it is told not to, it
does jobs as well; `working_only` is a process that does nothing else.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.guests.desk import GuestDesk
from cloud.guests.table_page import TablePage
from cloud.guests.wallet_page import WalletPage
from cloud.ingest import replaying
from cloud.ingest.card_calls import CardCalls
from cloud.ingest.claim import Claims
from cloud.ingest.dish_door import DishDoor
from cloud.ingest.keepsake_door import KeepsakeDoor
from cloud.ingest.pairing import Pairings
from cloud.ingest.picture_door import PictureDoor
from cloud.ingest.release_door import ReleaseDoor
from cloud.ingest.snapshot import Snapshots
from cloud.ingest.socket import Links
from cloud.jobs import roster
from cloud.jobs.blobs import Blobs
from cloud.jobs.worker import working
from cloud.operations.door import watched
from cloud.operations.upkeep import keep_tidy
from cloud.operations.watching import watch
from cloud.owners.gate import Gate
from cloud.owners.menu.desk import MOST_BYTES as MOST_MENU_BYTES
from cloud.owners.menu.desk import MenuDesk
from cloud.owners.menu.pictures import DishPictureDesk
from cloud.owners.menu.publishing import PriceClock
from cloud.owners.money.desk import MoneyDesk
from cloud.owners.money.offline_cards import OfflineCardDesk
from cloud.owners.money.venue_payments import VenuePaymentsDesk
from cloud.owners.money.wallets import WalletDesk
from cloud.owners.pages import Pages
from cloud.owners.people.account import Accounts
from cloud.owners.people.activity import Activity
from cloud.owners.people.crew import CrewDesk
from cloud.owners.people.desk import Personnel
from cloud.owners.people.login import Logins
from cloud.owners.people.tokens import TokenDesk
from cloud.owners.sight.aftermath import Aftermath
from cloud.owners.sight.alert_desk import AlertDesk
from cloud.owners.sight.export_desk import ExportDesk
from cloud.owners.sight.health_desk import HealthDesk
from cloud.owners.sight.live import Live
from cloud.owners.sight.occupancy_desk import OccupancyDesk
from cloud.owners.sight.reporting import Reporting
from cloud.owners.sight.watch import Watch
from cloud.owners.venues.business_day import BusinessDayDesk
from cloud.owners.venues.commanding import Commanding
from cloud.owners.venues.house_rules import RulesDesk
from cloud.owners.venues.pairing import Pairing
from cloud.owners.venues.release_desk import ReleaseDesk
from cloud.owners.venues.replacing import Replacing
from cloud.payments import stripe_gateway
from cloud.payments.asking import Asking
from cloud.payments.cards import Cards
from cloud.payments.gateway import CardGateway
from cloud.payments.reconciling import Reconciling
from cloud.payments.refunding import Refunding
from cloud.payments.webhook import WebhookDesk
from cloud.shop.designs.product_desk import ProductDesk
from cloud.shop.fulfilment.desk import FulfilmentDesk
from cloud.shop.fulfilment.export_desk import ShopExportDesk
from cloud.shop.fulfilment.paper_desk import PaperDesk
from cloud.shop.orders.checkout import CheckoutDesk
from cloud.shop.orders.history import HistoryDesk
from cloud.shop.orders.mails import Postman, base_url
from cloud.shop.orders.ordering import OrderDesk
from cloud.shop.orders.page import OrderPage
from cloud.shop.orders.settling import PURPOSE, Settling
from cloud.shop.orders.shipping_desk import ShippingDesk
from cloud.shop.room import open_room
from cloud.store.bell import Bell
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool
from cloud.store.postgres import PostgresBooks
from cloud.store.reading import roll_ups
from cloud.web import described
from cloud.web.answers import answers
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
            application, links, live, cards, routes = parts
            await replaying.replay(pool)
            await roll_ups.count_first(pool)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=config.drain_s)
            await runner.setup()
            figures.ready.set(1)
            try:
                site = web.SockSite(runner, door, backlog=_BACKLOG)
                await site.start()
                yield Serving(config.host, config.port, pool, links, cards, routes)
            finally:
                figures.ready.set(0)
                draining.set()
                try:
                    await asyncio.sleep(config.linger_s)  # until load balancers have asked /readyz
                finally:
                    await site.stop()  # before boxes are let go: none of them is to come back here
                    links.closing.set()
                    live.closing.set()
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


@asynccontextmanager
async def _application(
    config: Config, url: str, pool: asyncpg.Pool, figures: Figures, blobs: Blobs, draining: asyncio.Event
) -> AsyncIterator[tuple[web.Application, Links, Live, Cards, tuple[Route, ...]]]:
    """All handlers, with what works in the background for them while the block lasts."""
    bell, logins = Bell(url, pool), Logins(config, pool)
    links = Links(config, PostgresBooks(pool), bell, figures)
    live = Live(pool, bell, logins, figures, config.refresh_every_s)
    gate = Gate(pool, logins)
    stack = AsyncExitStack()
    cards = Cards(pool, await stack.enter_async_context(_gateway(config)))
    refunding, reconciling = Refunding(cards), Reconciling(cards)
    designs = await stack.enter_async_context(open_room(config, pool, blobs, bell))
    parts = (
        *(Health(pool, figures, draining), Claims(config, pool), logins, Watch(pool, logins), Pages()),
        *(Snapshots(config, pool), Replacing(pool, logins), ReleaseDesk(pool, logins)),
        *(Pairings(config, pool), Pairing(pool, logins)),
        *(Accounts(pool, logins), Personnel(pool, logins), TokenDesk(pool, logins), Activity(pool, logins)),
        *(Commanding(pool, logins), Aftermath(pool, logins)),
        *(GuestDesk(config, pool), TablePage(config, pool), WalletPage(config, pool)),
        *(
            WalletDesk(pool, logins, cards, behind_tls=config.behind_tls),
            designs,
            PictureDoor(pool, blobs, designs.painters),
            DishPictureDesk(pool, logins, blobs, designs.painters),
            DishDoor(pool, blobs),
            ReleaseDoor(pool, blobs),
            KeepsakeDoor(pool),
        ),
        *(MenuDesk(pool, logins, blobs), Reporting(pool, logins), HealthDesk(pool, logins)),
        *(CrewDesk(pool, logins), RulesDesk(pool, logins), BusinessDayDesk(pool, logins)),
        OccupancyDesk(pool, logins),
        *(
            ExportDesk(pool, logins, blobs),
            AlertDesk(config, pool, logins),
            OfflineCardDesk(pool, logins),
        ),
        *(MoneyDesk(pool, logins, cards, refunding, reconciling), VenuePaymentsDesk(pool, logins)),
        *(WebhookDesk(cards, refunding, reconciling.wake), CardCalls(pool, cards)),
        *_orders_of_the_shop(config, pool, logins, blobs, cards, refunding),
    )
    rows = [row for part in parts for row in part.routes()]
    application = web.Application(
        middlewares=[traced(figures), answers(behind_tls=config.behind_tls)], client_max_size=MOST_MENU_BYTES
    )
    for route, handler in [*rows, *described.routes(route for route, _ in rows)]:
        application.router.add_route(route.method, route.path, gate.guarded(route, handler))
    application.router.add_get("/link", links.serve)
    application.router.add_get("/ws/owner", live.serve)
    designs.attach(application)
    asking = Asking(cards, refunding, config.card_ask_every_s)
    async with stack, asyncio.TaskGroup() as tasks:
        background = [
            tasks.create_task(work)
            for work in (
                bell.run(),
                links.presence.run(),
                PriceClock(pool).run(),
                keep_tidy(pool),
                watch(pool, figures),
                asking.run(),
                reconciling.run(),
            )
        ]
        yield application, links, live, cards, tuple(route for route, _ in rows)
        for task in background:
            task.cancel()


def _orders_of_the_shop(
    config: Config, pool: asyncpg.Pool, logins: Logins, blobs: Blobs, cards: Cards, refunding: Refunding
) -> tuple[
    OrderDesk
    | HistoryDesk
    | CheckoutDesk
    | FulfilmentDesk
    | ProductDesk
    | ShippingDesk
    | PaperDesk
    | OrderPage
    | ShopExportDesk,
    ...,
]:
    """From a draft to somebody's door; what is paid by card is heard of where cards are settled."""
    postman = Postman(base_url(config))
    settling = Settling(refunding, postman)
    cards.purposes.on(PURPOSE, settling.settled, noted=settling.settled)
    return (
        *(OrderDesk(config, pool), HistoryDesk(config, pool), OrderPage()),
        CheckoutDesk(config, pool, cards, settling, postman),
        FulfilmentDesk(pool, logins, refunding, postman),
        *(ShippingDesk(pool, logins), ProductDesk(pool, logins), PaperDesk(pool, logins, blobs, postman)),
        ShopExportDesk(pool, logins),
    )


@asynccontextmanager
async def _gateway(config: Config) -> AsyncIterator[CardGateway | None]:
    """The provider of card money, where one is set up."""
    if config.stripe_secret is None:
        yield None
        return
    account = config.stripe_secret, config.stripe_webhook_secret
    async with stripe_gateway.opened(*account, config.stripe_api, config.stripe_timeout_s) as gateway:
        yield gateway
