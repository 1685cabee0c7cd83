"""The composition root of the box: the only file that wires.

Start-up order is the order of trust: disk, then memory, then doors, then the outside world. Shutdown is the
reverse: doors close first, the writer finishes what it has, the WAL is tidied up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from edge.adapters.machine import certificate
from edge.adapters.machine import vitals as machine
from edge.adapters.machine.systemd import READY, Supervisor
from edge.config import Config
from edge.effects.afar.rivals import Rivals, announcement
from edge.effects.alarms import Alarms
from edge.effects.gauges import Gauges
from edge.effects.lookouts import Lookouts
from edge.effects.orders import point_of_sale
from edge.effects.orders.serving import ServingClock
from edge.journal.under_way import OrdersUnderWay
from edge.web import described, pages
from edge.web.guests.desk import Guests
from edge.web.guests.ordering import OrderDesk, OrderNews
from edge.web.guests.phones import Phones
from edge.web.guests.presence import Presence
from edge.web.guests.table_socket import TableSocket
from edge.web.health import Health, Surroundings
from edge.web.installing.device_desk import DeviceDesk
from edge.web.installing.handover_desk import HandoverDesk
from edge.web.installing.pairing_desk import PairingDesk
from edge.web.router import application
from edge.web.staff.doubts import DoubtDesk
from edge.web.tokens import Tokens, load_secret
from edge.wiring.afar import FromAfar
from edge.wiring.books import Books
from edge.wiring.cooking import Cooking
from edge.wiring.gaming import FILE_NAME, Gaming
from edge.wiring.hardware import Hardware
from edge.wiring.keepsakes import Keepsakes
from edge.wiring.line import Line
from edge.wiring.pairing import beside
from edge.wiring.service import Service
from edge.wiring.shopfront import Shopfront
from edge.wiring.tills import Tills
from edge.wiring.upgrades import Rooms, Upgrades
from protocol.news import MenuChangedMessage


class EdgeApp:
    """One running box. Made by `edge/lifetime/life.py`; tests make it too and talk to it over sockets."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.books = books = Books.open(config.directory)
        self.clock, self.box, self.reader = books.clock, books.box, books.reader
        self.hot, self.writer = books.hot, books.writer
        self.alarms = Alarms()
        self._lookouts = Lookouts(config.directory, self.alarms)
        self.tokens = Tokens(load_secret(config.directory / "token.secret"), self.hot)
        self._line = Line(config, books)
        self.link = self._line.link
        self.pairing = beside(config.directory, self.box, self.writer, self.hot, config.cloud_url)
        self._cooking = Cooking(
            config,
            books,
            self.alarms,
            adopted=lambda: self.hardware.printers(),
            told=lambda: self.service.news.link_changed(),
        )
        self.board = self._cooking.board
        self._phones = Phones(self.hot)
        self._presence = Presence(books.monotonic_s)
        self._under_way = OrdersUnderWay(self.reader, self.hot)
        self._orders = OrderNews(self.hot)
        self._serving_clock = ServingClock(self.hot, self.clock, self._menu_turned)
        for each in (self._under_way.follow, self._phones.hear, self._orders.hear, self._serving_clock.hear):
            self.writer.listen(each)
        self._calls = self._make_calls()
        self.gaming = self._make_gaming()
        self.hardware = self._make_hardware()
        self.service = self._make_service()
        rooms = Rooms(self.board, self.gaming.floor, self._phones, self._under_way)
        self.upgrades = Upgrades(config, rooms, books, lambda: self.afar)
        self.afar = FromAfar(self._line, books, self.service, self.gaming, self.alarms, self.upgrades)
        self._keepsakes = Keepsakes(config.directory, self.box, self._line.is_up)
        if self.link is not None:
            self.link.gauges, self.link.worth = self._make_gauges(), self.afar.worth
            self.link.listen(self._keepsakes.look)
        self.shopfront = Shopfront(books, self.tokens, self._line)
        self._web = self._make_web()

    def _menu_turned(self, menu_version: int) -> None:
        self._phones.tell_everyone(MenuChangedMessage(menu_version))

    def _make_calls(self) -> point_of_sale.PointOfSaleCalls:
        """Asking the point of sale, whichever it is by then."""
        around = point_of_sale.Surroundings(
            under_way=self._under_way,
            hot=self.hot,
            writer=self.writer,
            alarms=self.alarms,
            clock=self.clock,
            pos_of=Tills(self._config.directory, self.clock),
            away_s=self._presence.away_s,
            limits=point_of_sale.Limits(
                owner_grace_s=self._config.owner_grace_s, pace=self._config.retry_pace
            ),
        )
        return point_of_sale.PointOfSaleCalls(around)

    def _make_gaming(self) -> Gaming:
        return Gaming(
            self.books,
            tokens=self.tokens,
            alarms=self.alarms,
            phones=self._phones,
            stations=self._config.stations or self._config.directory / FILE_NAME,
        )

    def _make_service(self) -> Service:
        service = Service(
            self.books,
            self._line,
            tokens=self.tokens,
            orders=self._orders,
            presence=self._presence,
            screens=self.gaming.screens,
            mqtt=self._cooking.broker,
            lookouts=self._lookouts,
            home=self._config.public_url,
            wallet_url=f"{self.box.cloud_url}/wallet/{self.box.venue_id}" if self.box.cloud_url else None,
        )
        self.gaming.play_desk.reaches(service.online, lambda: self.afar.cloud_away())
        self._line.listen(service.news.link_changed)
        return service

    def _make_gauges(self) -> Gauges:
        """What the owner is shown of the machines here."""
        return Gauges(
            clock=self.clock,
            machine=lambda: machine.figures(self._config.directory),
            writer=self.writer,
            hot=self.hot,
            floor=self.gaming.floor,
            board=self.board,
            alarms=self.alarms,
            printers=self._cooking.printing.conditions,
            mqtt=self._cooking.broker,
        )

    def _make_hardware(self) -> Hardware:
        return Hardware(
            directory=self._config.directory,
            host=self._config.host,
            on_interface=self._config.mdns,
            settle_s=self._config.trial_settle_s,
            gaming=self.gaming,
            hot=self.hot,
            writer=self.writer,
            clock=self.clock,
            printers_changed=self._cooking.printing.reconsider,
            rivals=Rivals(self.box, self.reader, self.alarms, self.clock, self.link.stand_down)
            if self.link
            else None,
            about=announcement(self.box, self.reader),
            practice=self._cooking.stream.practice,
            kitchen_within_s=self._config.kitchen_trial_s,
        )

    def _make_health(self) -> Health:
        around = Surroundings(
            link=self._line.status,
            unsynced=self._line.unsynced,
            mqtt=self._cooking.broker,
            alarms=lambda: [msgspec.to_builtins(alarm) for alarm in self.alarms.current()],
            currency=self._currency,
            devices=self.gaming.device_rows,
            open_tickets=lambda: len(self.board.tickets()),
            playing=lambda: len(self.gaming.floor.live()),
            venue_id=self.box.venue_id,
        )
        return Health(self.writer, self._phones, self.clock, self._config.directory, around)

    def _currency(self) -> str:
        venue = self.hot.committed_venue()
        return venue.config.currency if venue else "EUR"

    def _make_web(self) -> web.Application:
        tokens, trials, home = self.tokens, self.hardware.trials, self._config.public_url or ""
        at_table = self.writer, self.hot, tokens
        handover = HandoverDesk(tokens, self.hot, self.reader, self.pairing, self.clock, home, trials)
        pairing = PairingDesk(tokens, self.hot, self.pairing, self.box)
        desks = (
            Guests(*at_table, self._presence, self.clock),
            OrderDesk(*at_table, self._orders, self._presence, self.books.monotonic_s),
            *(self.service, self.afar, DoubtDesk(self.writer, tokens), self.gaming),
            DeviceDesk(tokens, self.hardware),
            *(self._make_health(), pairing, handover, self.shopfront),
        )
        served = [*(route for desk in desks for route in desk.routes()), *pages.routes(pairing.nobody)]
        return application(
            [*served, *described.routes(route for route, _ in served)],
            [
                ("/ws/table", TableSocket(*at_table, self._phones, self._presence).handle),
                ("/ws/kitchen", self._cooking.socket(tokens).handle),
                *self.gaming.sockets(),
            ],
        )

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The box at work; yields its address. Leaving it shuts the box down in order."""
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self.writer.run(), name="writer")
            supervisor = Supervisor()
            background = self._background(group)
            background.append(group.create_task(supervisor.reassure(self._line.unsynced), name="watchdog"))
            runner = web.AppRunner(self._web, access_log=None, handle_signals=False, shutdown_timeout=2.0)
            await runner.setup()
            try:
                async with self.gaming.running(group), self._doors(group, runner, background):
                    supervisor.tell(READY)
                    yield _address(runner)
            finally:
                await runner.cleanup()
                for task in background:
                    task.cancel()
                self.writer.stop()
                await writer
                await self.books.close()

    def _background(self, group: asyncio.TaskGroup) -> list["asyncio.Task[Any]"]:
        """What works while the box does, besides the writer; to be cancelled before the writer stops."""
        tasks = [
            group.create_task(self._calls.run(), name="point of sale"),
            group.create_task(self._serving_clock.run(), name="serving hours"),
            group.create_task(self._lookouts.run(), name="lookouts"),
        ]
        for part in (
            *(self.afar, self.shopfront, self.upgrades, self._keepsakes),
            *(self._line, self._cooking),
        ):
            tasks += part.running(group)
        return tasks

    @asynccontextmanager
    async def _doors(
        self, group: asyncio.TaskGroup, runner: web.AppRunner, background: list["asyncio.Task[Any]"]
    ) -> AsyncIterator[None]:
        """Open to everybody, found by devices, and closed first in the end."""
        config = self._config
        site = web.TCPSite(runner, config.host, config.port, backlog=1024)
        await site.start()
        if config.tls is not None:
            serving = certificate.serve(runner, config.host, config.tls_port, config.tls)
            background.append(group.create_task(serving, name="certificate"))
        async with self.hardware.running(group, runner.addresses[0][1]):
            yield
        await site.stop()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
