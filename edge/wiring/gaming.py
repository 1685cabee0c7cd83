"""Everything that play time needs, wired: floor, timers, devices, agents, and the staff's view of them.

The part of the composition root that is about stations; `app.py` makes one and serves its addresses. Where
plugs and routers are is read from `stations.json` in the data directory, or from the file that was named.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import Any

import msgspec

from edge.core.devices.bindings import Bindings, DeviceAddress, StationBinding
from edge.core.devices.desired import DeviceEvent
from edge.core.devices.ports import NetworkGate, PowerSwitch
from edge.effects.alarms import Alarm, Alarms
from edge.effects.devices.enforcement import BootTime
from edge.effects.devices.premises import Premises
from edge.effects.play.agent_watch import AgentWatch
from edge.effects.play.booking_timers import BookingTimers
from edge.effects.play.timers import PlayTimers
from edge.journal.agenda import Agenda
from edge.journal.floor import Floor
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.web.answers import Handler
from edge.web.counter import Counter
from edge.web.guests.phones import Phones
from edge.web.guests.play import CallBell, GuestPlay
from edge.web.play.agent_socket import AgentSocket
from edge.web.play.booking_desk import BookingDesk
from edge.web.play.desk import PlayDesk
from edge.web.play.messages import FloorTeller
from edge.web.play.station_desk import StationDesk
from edge.web.staff.socket import StaffScreens
from edge.web.tokens import Tokens
from edge.wiring import dialects
from edge.wiring.books import Books
from protocol import play
from protocol.bookings.messages import BookingChangedNews, booking_reply
from protocol.codec import UNREADABLE
from protocol.facts.booking import Booking
from protocol.facts.play import PlaySession
from protocol.facts.play_events import PlayEvent
from protocol.http import Route

FILE_NAME = "stations.json"

log = logging.getLogger(__name__)


class BadStationsFile(Exception):
    """The file with the addresses of plugs and routers cannot be read; the message says why."""


def read_bindings(path: Path) -> Bindings:
    """What the file says; nothing is bound while there is none. Raises `BadStationsFile`."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Bindings()
    except OSError as error:
        raise BadStationsFile(f"{path}: {error.strerror}") from error
    try:
        return msgspec.json.decode(raw, type=Bindings)
    except UNREADABLE as error:
        raise BadStationsFile(f"{path}: {error}") from error


def make_plug(name: str, at: DeviceAddress) -> PowerSwitch:
    """The adapter of a plug in its dialect."""
    return dialects.PLUGS[at.dialect](_address(name, at))


def make_gate(name: str, at: DeviceAddress) -> NetworkGate:
    """The adapter of a router in its dialect."""
    return dialects.GATES[at.dialect](_address(name, at))


def _address(name: str, at: DeviceAddress) -> dialects.Address:
    return dialects.Address(
        name, at.url, user=at.user, password=at.password, fingerprint=at.fingerprint, leased=at.leased
    )


class Gaming:
    """Made before the writer runs; `running` is its work. Raises `BadStationsFile`."""

    def __init__(
        self,
        books: Books,
        *,
        tokens: Tokens,
        alarms: Alarms,
        phones: Phones,
        stations: Path,
    ) -> None:
        reader, hot, writer, clock = books.reader, books.hot, books.writer, books.clock
        self._bindings = read_bindings(stations)
        #: What was adopted goes over what the file says; set by whoever knows of adopted devices.
        self.overlay: Callable[[Bindings], Bindings] = lambda file: file
        self.keeper = BootTime()
        self._alarms = alarms
        self.floor = Floor(reader, hot)
        writer.listen(self.floor.follow)
        self.timers = PlayTimers(self.floor, writer, clock)
        self.premises = Premises(
            self.floor,
            alarms,
            clock,
            make_plug=make_plug,
            make_gate=make_gate,
            keeper=self.keeper,
            chance=random.random,
        )
        self.timers.let_go_first(self.premises.fire_due)
        self.watch = AgentWatch(self.floor, alarms, clock)
        self.agents = AgentSocket(writer, self.floor, tokens, clock, books.box.epoch)
        self.agenda = Agenda(reader, hot)
        writer.listen(self.agenda.follow)
        self._bookings = BookingTimers(self.agenda, self.floor, writer, clock, alarms, hot.timezone)
        self.teller = FloorTeller(self.floor, self.agenda, clock, hot.timezone)
        self.screens = StaffScreens(tokens)
        self.play_desk = PlayDesk(writer, hot, tokens, clock, self.floor, self.teller)
        self._desks = (
            self.play_desk,
            StationDesk(writer, hot, tokens, clock, self.teller, self.premises.ask_again),
            BookingDesk(Counter(writer, hot, tokens, clock), self.agenda, self.play_desk),
        )
        self._guests = self._make_guests(phones, writer, hot, tokens)
        self._tell_screens()

    def _make_guests(self, phones: Phones, writer: Writer, hot: Hot, tokens: Tokens) -> GuestPlay:
        """Guests' phones: they hear of their time, and ring for the staff by an alarm."""

        def ring(key: str, message: str, since_ms: int, detail: dict[str, str]) -> None:
            self._alarms.raise_(Alarm(key, "guest_calls", message, since_ms, detail))

        bell = CallBell(ring, self._alarms.clear)
        guests = GuestPlay(self.floor, self.teller, phones, writer, hot, tokens, bell)
        self.floor.listen(plays=guests.follow)
        self.timers.warn(guests.warn)
        return guests

    def _tell_screens(self) -> None:
        """Staff screens hear of sessions, stations, devices, warnings and alarms."""
        screens = self.screens
        screens.greet(lambda: {"stations": self.teller.stations(), "alarms": self._alarms.current()})
        self.floor.listen(plays=self._tell_play, stations=self._tell_station)
        self.agenda.listen(self._tell_booking)
        self.timers.warn(self._tell_warning)
        self.premises.listen(self._tell_device)
        self._alarms.listen(self._tell_alarm)

    def _tell_play(self, event: PlayEvent, session: PlaySession) -> None:
        news = self.teller.news(event, session)
        if news is not None:
            self.screens.tell(news)

    def _tell_station(self, station_id: str) -> None:
        news = self.teller.station_status(station_id)
        if news is not None:
            self.screens.tell(news)

    def _tell_booking(self, booking: Booking, stations: Collection[str]) -> None:
        self.screens.tell(BookingChangedNews(booking_reply(booking, self.agenda.left_minor(booking))))
        for station_id in stations:
            self.screens.tell(play.StationBookedNews(station_id, self.teller.booked(station_id)))

    def _tell_warning(self, session: PlaySession, left_s: int) -> None:
        self.screens.tell(play.SessionWarningNews(session.session_id, session.station_id, left_s))

    def _tell_device(self, station_id: str, device: str, event: DeviceEvent) -> None:
        self.screens.tell(play.DeviceNews(station_id, device, event.kind, event.on))

    def _tell_alarm(self, alarm: Alarm, up: bool) -> None:
        told = alarm.key, alarm.code, alarm.message, alarm.since_ms, up
        self.screens.tell(play.AlarmNews(*told, alarm.detail, alarm.seen_by, alarm.seen_ms))

    async def rebind(self) -> None:
        """Look after what is bound now, by the file and by adoption."""
        await self.premises.apply(self.overlay(self._bindings))

    @contextlib.asynccontextmanager
    async def set_aside(self, station_id: str | None) -> AsyncIterator[None]:
        """Nobody looks after a station's devices within the block, so that they can be tried out."""
        if station_id is not None:
            await self.premises.bind(station_id, StationBinding())
        try:
            yield
        finally:
            await self.rebind()

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        desks = (*self._desks, self._guests)
        return [route for desk in desks for route in desk.routes()]

    def sockets(self) -> list[tuple[str, Handler]]:
        """WebSocket addresses and their handlers."""
        return [("/ws/agent/{station_id}", self.agents.handle), ("/ws/staff", self.screens.handle)]

    def device_rows(self) -> tuple[dict[str, Any], ...]:
        """Plugs and gates for `/status`, with what they measured last."""
        return tuple(
            {
                "station_id": station.id,
                "station": station.name,
                "device": device,
                "health": health,
                "power_w": things.power_w if device == "plug" else None,
            }
            for station in self.floor.config.stations
            for things in (self.floor.things(station.id),)
            for device, health in things.health.items()
        )

    @contextlib.asynccontextmanager
    async def running(self, group: asyncio.TaskGroup) -> AsyncIterator[None]:
        """Time runs and devices are looked after within the block."""
        await self.timers.settle()
        timers = group.create_task(self.timers.run(), name="play timers")
        watch = group.create_task(self.watch.run(), name="agent watch")
        bookings = group.create_task(self._bookings.run(), name="booking timers")
        try:
            async with self.premises.running(group, self.overlay(self._bindings)):
                yield
        finally:
            timers.cancel()
            watch.cancel()
            bookings.cancel()
