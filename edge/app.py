"""The composition root of the box: the only file that wires.

Start-up order is the order of trust: disk, then memory, then doors, then the outside world. Shutdown is the
reverse: doors close first, the writer finishes what it has, the WAL is tidied up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from edge.adapters import certificate, machine
from edge.adapters.claiming import load_key
from edge.adapters.cloud_cards import CloudCards
from edge.adapters.cloud_link import CloudLink
from edge.adapters.internet_probe import InternetProbe
from edge.adapters.mqtt import MqttClient, Session, address_of
from edge.adapters.system_clock import SystemClock
from edge.adapters.systemd import READY, Supervisor
from edge.afar import FromAfar
from edge.config import Config
from edge.core.afar.link_state import LinkState
from edge.core.deadlines import NEVER
from edge.dialects import configured_printer
from edge.effects import point_of_sale
from edge.effects.alarms import Alarms
from edge.effects.gauges import Gauges
from edge.effects.kitchen import KitchenStream, nobody_listens
from edge.effects.kitchen_plan import Limits
from edge.effects.printing import Printing
from edge.effects.rivals import Rivals, announcement
from edge.effects.serving import ServingClock
from edge.gaming import FILE_NAME, Gaming
from edge.hardware import Hardware
from edge.journal import retention
from edge.journal.board import KitchenBoard
from edge.journal.database import open_reader, open_writer, read_box
from edge.journal.hot import Hot
from edge.journal.reading import Reading, Unsynced
from edge.journal.under_way import OrdersUnderWay
from edge.journal.writer import Writer
from edge.keepsakes import Keepsakes
from edge.pairing import beside
from edge.service import Service
from edge.shopfront import Shopfront
from edge.tills import Tills
from edge.upgrades import Rooms, Upgrades
from edge.web import described, pages
from edge.web.guests.desk import Guests
from edge.web.guests.ordering import OrderDesk, OrderNews
from edge.web.guests.phones import Phones
from edge.web.guests.presence import Presence
from edge.web.guests.table_socket import TableSocket
from edge.web.health import Health, LinkStatus, Surroundings
from edge.web.installing.device_desk import DeviceDesk
from edge.web.installing.handover_desk import HandoverDesk
from edge.web.installing.pairing_desk import PairingDesk
from edge.web.kitchen_socket import KitchenSocket
from edge.web.router import application
from edge.web.staff.doubts import DoubtDesk
from edge.web.tokens import Tokens, load_secret
from protocol import kitchen
from protocol.floor import Fault
from protocol.news import MenuChangedMessage

_UNCLAIMED = LinkState(message="this box is not claimed by a venue yet")


class EdgeApp:
    """One running box. Made by `edge/life.py`; tests make it too and talk to it over real sockets."""

    def __init__(self, config: Config) -> None:
        self._config = config
        directory = config.directory
        self.clock = SystemClock()
        self.connection = open_writer(directory, self.clock().wall_ms)
        retention.tidy(self.connection, self.clock().wall_ms)
        self.reader = open_reader(directory)
        self.box = read_box(self.connection)
        self.hot = Hot(self.reader)
        self.writer = Writer(self.connection, self.hot, self.clock)
        self.writer.when_quiet(retention.Forgetting(self.clock))
        self.alarms = Alarms()
        self.board = KitchenBoard(self.reader, self.hot)
        self.tokens = Tokens(load_secret(directory / "token.secret"), self.hot)
        self.phones = Phones(self.hot)
        self.presence = Presence(self._monotonic_s)
        self.under_way = OrdersUnderWay(self.reader, self.hot)
        self.orders = OrderNews(self.hot)
        for listener in (self.board.follow, self.under_way.follow, self.phones.hear, self.orders.hear):
            self.writer.listen(listener)
        self.reading = Reading(directory)
        self.link = self._make_link()
        self.pairing = beside(directory, self.box, self.writer, self.hot, config.cloud_url)
        self.probe = InternetProbe(config.internet_probes, lambda: self._link_status().state == "down")
        self.kitchen, self.mqtt = self._make_kitchen()
        self.printing = Printing(
            self.board,
            self.hot,
            self.reader,
            self.writer,
            self.alarms,
            self.clock,
            configured_printer,
            adopted=lambda: self.hardware.printers(),
        )
        self.writer.listen(self.printing.hear)
        self.serving_clock = ServingClock(self.hot, self.clock, self._menu_turned)
        self.writer.listen(self.serving_clock.hear)
        self.calls = self._make_calls()
        self.gaming = self._make_gaming()
        self.hardware = self._make_hardware()
        self.service = self._make_service()
        at_hand = (self.box, self.writer, self.hot, self.reader)
        rooms = Rooms(self.board, self.gaming.floor, self.phones, self.under_way)
        self.upgrades = Upgrades(config, rooms, *at_hand, self.clock, lambda: self.afar)
        self.afar = self._make_afar()
        if self.link is not None:
            self.link.gauges, self.link.worth = self._make_gauges(), self.afar.worth
            self.link.listen(lambda: self.keepsakes.look())
        self.keepsakes = Keepsakes(config.directory, self.box, lambda: self._link_status().state != "down")
        self.shopfront = Shopfront(config.directory, *at_hand, self.tokens, self.clock, self.link)
        self.web = self._make_web()

    def _monotonic_s(self) -> float:
        return self.clock().mono_ns / 1e9

    def _menu_turned(self, menu_version: int) -> None:
        self.phones.tell_everyone(MenuChangedMessage(menu_version))

    def _make_link(self) -> CloudLink | None:
        if self.box.venue_id is None or self.box.cloud_url is None:
            return None
        return CloudLink(
            directory=self._config.directory,
            box=self.box,
            key=load_key(self._config.directory / "node.key"),
            writer=self.writer,
            hot=self.hot,
            clock=self.clock,
            learn_time=self.clock.learn,
        )

    def _make_kitchen(self) -> tuple[KitchenStream, MqttClient | None]:
        """The kitchen's stream, and its MQTT side for a venue that has a broker."""
        config, venue_id = self._config, self.box.venue_id or ""
        brokered = config.mqtt_url is not None and bool(venue_id)
        limits = Limits(
            resend_s=config.ticket_resend_s,
            alarm_s=config.ticket_alarm_s,
            broker_alarm_s=Limits().broker_alarm_s if brokered else NEVER,
        )
        stream = KitchenStream(
            venue_id, self.board, self.writer, self.alarms, self.clock, limits, self.box.epoch
        )
        if config.mqtt_url is None or not venue_id:
            return stream, None
        session = Session(
            identifier=f"holdfast-{self.box.node_id}",
            subscription=kitchen.ack_filter(venue_id),
            will=kitchen.offline_publication(venue_id),
            greeting=lambda: kitchen.online_publication(venue_id, self.box.epoch, self.clock().wall_ms),
            received=stream.receive,
            connected=lambda up: self._broker_changed(stream, up),
        )
        return stream, MqttClient(address_of(config.mqtt_url), session)

    def _broker_changed(self, stream: KitchenStream, up: bool) -> None:
        stream.connection(up)
        self.service.news.link_changed()

    def _make_calls(self) -> point_of_sale.PointOfSaleCalls:
        """Asking the point of sale, whichever it is by then."""
        around = point_of_sale.Surroundings(
            under_way=self.under_way,
            hot=self.hot,
            writer=self.writer,
            alarms=self.alarms,
            clock=self.clock,
            pos_of=Tills(self._config.directory, self.clock),
            away_s=self.presence.away_s,
            limits=point_of_sale.Limits(
                owner_grace_s=self._config.owner_grace_s, pace=self._config.retry_pace
            ),
        )
        return point_of_sale.PointOfSaleCalls(around)

    def _make_gaming(self) -> Gaming:
        return Gaming(
            reader=self.reader,
            hot=self.hot,
            writer=self.writer,
            clock=self.clock,
            tokens=self.tokens,
            alarms=self.alarms,
            phones=self.phones,
            box=self.box,
            stations=self._config.stations or self._config.directory / FILE_NAME,
        )

    def _make_service(self) -> Service:
        service = Service(
            hot=self.hot,
            writer=self.writer,
            reading=self.reading,
            clock=self.clock,
            tokens=self.tokens,
            orders=self.orders,
            presence=self.presence,
            screens=self.gaming.screens,
            link=self._link_status,
            mqtt=self._mqtt_status,
            alarms=self.alarms,
            fault=self._fault,
            cards=self._make_cards(),
            home=self._config.public_url,
            wallet_url=f"{self.box.cloud_url}/wallet/{self.box.venue_id}" if self.box.cloud_url else None,
        )
        self.gaming.play_desk.reaches(service.online, lambda: self.afar.cloud_away())
        if self.link is not None:
            self.link.listen(service.news.link_changed)
            self.link.listen(self.probe.link_changed)
        self.probe.listen(service.news.link_changed)
        return service

    def _make_cards(self) -> CloudCards | None:
        if self.box.venue_id is None or self.box.cloud_url is None:
            return None
        return CloudCards(self.box, load_key(self._config.directory / "node.key"))

    def _make_afar(self) -> FromAfar:
        return FromAfar(
            link=self.link,
            writer=self.writer,
            hot=self.hot,
            reader=self.reader,
            directory=self._config.directory,
            clock=self.clock,
            counter=self.service.counter,
            pins=self.service.pins,
            online=self.service.online,
            screens=self.gaming.screens,
            floor=self.gaming.floor,
            alarms=self.alarms,
            unsynced=self._unsynced,
            upgrades=self.upgrades,
        )

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
            printers=self.printing.conditions,
            mqtt=self._mqtt_status,
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
            printers_changed=self.printing.reconsider,
            rivals=Rivals(self.box, self.reader, self.alarms, self.clock, self.link.stand_down)
            if self.link
            else None,
            about=announcement(self.box, self.reader),
            practice=self.kitchen.practice,
            kitchen_within_s=self._config.kitchen_trial_s,
        )

    def _make_web(self) -> web.Application:
        around = Surroundings(
            link=self._link_status,
            unsynced=self._unsynced,
            mqtt=self._mqtt_status,
            alarms=lambda: [msgspec.to_builtins(alarm) for alarm in self.alarms.current()],
            currency=self._currency,
            devices=self.gaming.device_rows,
            open_tickets=lambda: len(self.board.tickets()),
            playing=lambda: len(self.gaming.floor.live()),
            venue_id=self.box.venue_id,
        )
        health = Health(self.writer, self.phones, self.clock, self._config.directory, around)
        guests = Guests(self.writer, self.hot, self.tokens, self.presence, self.clock)
        orders = OrderDesk(self.writer, self.hot, self.tokens, self.orders, self.presence, self._monotonic_s)
        table_socket = TableSocket(self.writer, self.hot, self.tokens, self.phones, self.presence)
        kitchen_socket = KitchenSocket(self.writer, self.board, self.tokens, self.kitchen.practice)
        devices = DeviceDesk(self.tokens, self.hardware)
        pairing = PairingDesk(self.tokens, self.hot, self.pairing, self.box)
        doubts = DoubtDesk(self.writer, self.tokens)
        home = self._config.public_url or ""
        trials = self.hardware.trials
        handover = HandoverDesk(self.tokens, self.hot, self.reader, self.pairing, self.clock, home, trials)
        desks = (guests, orders, self.service, self.afar, doubts, self.gaming, devices, health, pairing)
        served = [
            *(route for desk in (*desks, handover, self.shopfront) for route in desk.routes()),
            *pages.routes(pairing.nobody),
        ]
        return application(
            [*served, *described.routes(route for route, _ in served)],
            [
                ("/ws/table", table_socket.handle),
                ("/ws/kitchen", kitchen_socket.handle),
                *self.gaming.sockets(),
            ],
        )

    # ── what /status tells ───────────────────────────────────────────────────────────────────────

    def _link_status(self) -> LinkStatus:
        state = self.link.state if self.link else _UNCLAIMED
        return LinkStatus(state.state, state.message, state.last_sync_ms, state.acked_seq)

    def _fault(self) -> Fault:
        """Where a link that is down is broken."""
        if self.link is None:
            return "unclaimed"
        if self.link.disowned:
            return "disowned"
        reachable = self.probe.reachable
        return "unknown" if reachable is None else "cloud" if reachable else "internet"

    async def _unsynced(self) -> Unsynced:
        return await self.reading.unsynced(self.link.state.acked_seq if self.link else 0)

    def _mqtt_status(self) -> str:
        return "off" if self.mqtt is None else self.mqtt.trouble or "ok"

    def _currency(self) -> str:
        venue = self.hot.committed_venue()
        return venue.config.currency if venue else "EUR"

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The box at work; yields its address. Leaving it shuts the box down in order."""
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self.writer.run(), name="writer")
            background = [group.create_task(self.calls.run(), name="point of sale")]
            for part in (self.afar, self.shopfront, self.upgrades, self.keepsakes):
                background += part.running(group)
            if self.link is not None:
                background.append(group.create_task(self.probe.run(), name="internet probe"))
            if self.mqtt is not None:
                background.append(group.create_task(self.mqtt.run(), name="mqtt"))
            publish = self.mqtt.publish if self.mqtt else nobody_listens
            background.append(group.create_task(self.kitchen.run(publish), name="kitchen"))
            background.append(group.create_task(self.printing.run(), name="printing"))
            background.append(group.create_task(self.serving_clock.run(), name="serving hours"))
            runner = web.AppRunner(self.web, access_log=None, handle_signals=False, shutdown_timeout=2.0)
            await runner.setup()
            site = web.TCPSite(runner, self._config.host, self._config.port, backlog=1024)
            supervisor = Supervisor()
            background.append(group.create_task(supervisor.reassure(self._unsynced), name="watchdog"))
            try:
                async with self.gaming.running(group):
                    await site.start()
                    if self._config.tls is not None:
                        door = (runner, self._config.host, self._config.tls_port)
                        serving = certificate.serve(*door, self._config.tls)
                        background.append(group.create_task(serving, name="certificate"))
                    async with self.hardware.running(group, runner.addresses[0][1]):
                        supervisor.tell(READY)
                        yield _address(runner)
                    await site.stop()
            finally:
                await runner.cleanup()
                for task in background:
                    task.cancel()
                self.writer.stop()
                await writer
                await self.reading.close()
                self.reader.close()
                self.connection.close()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
